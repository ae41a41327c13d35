"""Static files of the page and the API explorer, for this machine only."""

from pathlib import Path
from urllib.parse import unquote, urlsplit

from aiohttp import web

_TYPES = {
    ".css": "text/css",
    ".html": "text/html",
    ".ico": "image/x-icon",
    ".jpg": "image/jpeg",
    ".js": "text/javascript",
    ".json": "application/json",
    ".map": "application/json",
    ".mjs": "text/javascript",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".txt": "text/plain",
    ".wasm": "application/wasm",
    ".webmanifest": "application/manifest+json",
    ".webp": "image/webp",
    ".woff2": "font/woff2",
}
"""Fixed here, because the system's table differs between machines."""

_TEXT = ("text/", "application/json", "application/manifest+json", "image/svg+xml")

_HEADERS = {
    "Cache-Control": "no-cache",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}

_LOCAL_NAMES = {"127.0.0.1", "localhost", "::1"}

EXPLORER = Path(__file__).with_name("explorer.html")


def is_local_host(host: str) -> bool:
    """Whether a ``Host`` header names this machine; anything else is DNS rebinding."""
    try:
        return urlsplit(f"//{host}").hostname in _LOCAL_NAMES
    except ValueError:
        return False


def is_own_origin(origin: str | None, host: str) -> bool:
    """Whether a request comes from our own page, or from no page at all."""
    if origin is None:
        return True
    try:
        parts, own = urlsplit(origin), urlsplit(f"//{host}")
        same_port = (parts.port or 80) == (own.port or 80)
    except ValueError:
        return False
    return parts.scheme == "http" and parts.hostname in _LOCAL_NAMES and same_port


def find_file(folder: Path, path: str) -> Path | None:
    """The file of a URL path, never outside ``folder``, not even through a link, never hidden."""
    relative = unquote(path).lstrip("/") or "index.html"
    if "\0" in relative or any(part.startswith(".") for part in relative.split("/")):
        return None
    try:
        file = (folder / relative).resolve()
        if file.is_dir():
            file /= "index.html"
        inside = file.is_relative_to(folder.resolve())
        return file if inside and file.is_file() else None
    except OSError:
        return None


def file_answer(file: Path) -> web.Response:
    """A file with its type; the browser asks again each time, since people edit these files."""
    kind = _TYPES.get(file.suffix.lower(), "application/octet-stream")
    charset = "utf-8" if kind.startswith(_TEXT) else None
    return web.Response(
        body=file.read_bytes(), content_type=kind, charset=charset, headers=_HEADERS
    )
