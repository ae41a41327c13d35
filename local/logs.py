"""Where the output of functions goes: one file a function, one JSON object a line."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO


class FunctionLogs:
    """Appends lines to ``<folder>/<function>.log``."""

    def __init__(self, folder: Path) -> None:
        """Makes the folder; the files come with their first line."""
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._files: dict[str, BinaryIO] = {}

    def write_line(self, name: str, line: bytes) -> None:
        """Keep a line as it is if it is a JSON object; wrap any other, as Lambda does."""
        if not line.strip():
            return
        file = self._files.get(name)
        if file is None:
            file = self._files[name] = (self._folder / f"{name}.log").open("ab", buffering=0)
        file.write((line if _is_object(line) else _wrapped(line)) + b"\n")

    def close(self) -> None:
        """Close all files."""
        for file in self._files.values():
            file.close()
        self._files.clear()


def _is_object(line: bytes) -> bool:
    if not line.startswith(b"{"):
        return False
    try:
        json.loads(line)
    except ValueError:
        return False
    return True


def _wrapped(line: bytes) -> bytes:
    now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    text = line.decode("utf-8", "replace")
    return json.dumps({"timestamp": now, "message": text}, ensure_ascii=False).encode()
