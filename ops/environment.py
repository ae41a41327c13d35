"""Where the deployment is that the command works on.

With ``TABLE_NAME`` in the environment: that table, with ordinary AWS credentials and the secret
that ``GREENROOM_SECRET_ARN`` names. Otherwise the laptop cloud whose data folder is
``GREENROOM_DATA_DIR`` (``.local``): it writes its addresses there while it runs.
"""

import json
from collections.abc import Mapping
from pathlib import Path

from local.configuration import ADDRESSES_FILE, read_dotenv

LOCAL_CREDENTIALS = {"AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local"}


class NoDeployment(Exception):
    """Nothing says which deployment is meant; the text says what to do."""


def environment(environ: Mapping[str, str], *, root: Path) -> dict[str, str]:
    """All variables of the deployment that is meant.

    Raises:
        NoDeployment: no table is named, and no laptop cloud has written where it is.
    """
    if environ.get("TABLE_NAME"):
        return dict(environ)
    named = environ.get("GREENROOM_DATA_DIR")
    data_dir = Path(named or root / ".local").expanduser().absolute()
    file = data_dir / ADDRESSES_FILE
    if not file.is_file():
        raise NoDeployment(
            "no deployment: start the laptop cloud (make run), or name a table with TABLE_NAME, "
            "its secret with GREENROOM_SECRET_ARN and the region with AWS_REGION"
        )
    addresses = json.loads(file.read_text(encoding="utf-8"))
    keys = read_dotenv(data_dir / "keys.env")
    own = read_dotenv(root / ".env")
    given = {name: value for name, value in environ.items() if value}
    return {**LOCAL_CREDENTIALS, **keys, **own, **given, **addresses}
