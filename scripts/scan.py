"""Looks for keys and paths of a machine in the files of this repository.

Not a replacement for a scanner of histories: it keeps the obvious from being committed.
"""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

# Written in two parts, so that this file does not find itself.
PATTERNS = {
    "AWS access key": r"\b(?:AKIA|ASIA)[A-Z2-7]{16}\b",
    "OpenAI key": r"\bsk-(?:proj-|svcacct-)?[A-Za-z0-9_-]{32,}",
    "Stripe key": r"\b[rs]k_live_[A-Za-z0-9]{16,}",
    "Clerk key": r"\bsk_live_[A-Za-z0-9]{16,}",
    "webhook secret": r"\bwhsec_[A-Za-z0-9+/]{40,}",
    "private key": r"-----BEGIN " + r"(?:[A-Z]+ )?PRIVATE KEY-----",
    "GitHub token": r"\bgh[opsu]_[A-Za-z0-9]{36}\b",
    "home of a person": r"(?:/home|/Users)" + r"/[a-z][a-z0-9_-]*/",
}
EVERYTHING = re.compile(
    "|".join(f"(?P<p{i}>{pattern})" for i, pattern in enumerate(PATTERNS.values()))
)


def main() -> int:
    found = [finding for path in files() for finding in scan(path)]
    print(*found, sep="\n", end="\n" if found else "")
    return 1 if found else 0


def files() -> list[Path]:
    """The files that are in git or would be."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    return [ROOT / name for name in listed.split("\0") if name and (ROOT / name).is_file()]


def scan(path: Path) -> list[str]:
    """One line for each finding; files that are no text hold none."""
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return []
    names = list(PATTERNS)
    return [
        f"{path.relative_to(ROOT)}:{number}: {names[int((hit.lastgroup or 'p0')[1:])]}"
        for number, line in enumerate(text.splitlines(), 1)
        for hit in EVERYTHING.finditer(line)
    ]


if __name__ == "__main__":
    sys.exit(main())
