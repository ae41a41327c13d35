"""Where people come back to after Stripe's pages: only ever the configured front end. Pure."""

import re
from typing import Final
from urllib.parse import urlsplit

from greenroom.kernel.variables import SettingsRefused

PATH_CHARS_MAX: Final = 200
PURCHASES_PATH: Final = "/#/purchases"

# A path of ours, maybe with a query and a fragment. No second slash, no backslash, no space or
# control character: browsers read each of those as something else than a path. No braces: Stripe
# fills them in. No percent sign: nothing that is read differently once decoded.
_PLAIN = "A-Za-z0-9._~!$&'()*+,;=:?#-"
PATH_PATTERN: Final = rf"^/([{_PLAIN}][{_PLAIN}/]{{0,{PATH_CHARS_MAX - 2}}})?$"
_PATH = re.compile(PATH_PATTERN.removeprefix("^").removesuffix("$"))


class Returns:
    """Addresses on the one front end."""

    def __init__(self, app_url: str) -> None:
        """Take the front end's address: a scheme, a host, maybe a path.

        Raises:
            SettingsRefused: it is no such address, so that nobody could come back.
        """
        parts = urlsplit(app_url)
        plain = not (parts.query or parts.fragment or "@" in parts.netloc)
        if parts.scheme not in {"http", "https"} or not parts.hostname or not plain:
            raise SettingsRefused("APP_URL: is no address of a front end")
        self._base = app_url.rstrip("/")

    @property
    def home(self) -> str:
        """The page of purchases."""
        return self._base + PURCHASES_PATH

    def url(self, path: str, purchase_id: str, result: str) -> str:
        """The address of a path, which is told how the checkout ended, and of which purchase.

        Raises:
            ValueError: the path could lead elsewhere; the wire's shape has let none such in.
        """
        if _PATH.fullmatch(path) is None:
            raise ValueError("not a path of the front end")
        sign = "&" if "?" in path else "?"
        return f"{self._base}{path}{sign}checkout={result}&purchase={purchase_id}"
