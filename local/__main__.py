"""``python -m local``: run the product on this machine."""

import os
import sys

from local.app import main

sys.exit(main(os.environ))
