"""``python -m ops``: look at, repair and replay what is in a deployment's table."""

import logging
import os
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "layers" / "greenroom"))  # as Lambda finds the layer

from greenroom.kernel.log import logger  # noqa: E402 (the package has to be found first)
from ops.cli import main  # noqa: E402

# What is printed is the result, for a program to read; what is noted goes beside it.
for handler in logger.handlers:
    if isinstance(handler, logging.StreamHandler):
        handler.setStream(sys.stderr)
sys.exit(main(sys.argv[1:], environ=os.environ))
