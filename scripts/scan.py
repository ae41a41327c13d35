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
    "AWS secret": r"(?i:aws.{0,20}(?:secret|key).{0,10}[=:] ?[\"']?)(?=[A-Za-z/+]*[0-9])"
    r"[A-Za-z0-9/+]{40}\b",
    "OpenAI key": r"\bsk-(?:proj-|svcacct-|admin-|ant-)?[A-Za-z0-9_-]{32,}",
    "Stripe or Clerk key": r"\b[rs]k_(?:live_[A-Za-z0-9]{16,}|test_[A-Za-z0-9]{24,})",
    "webhook secret": r"\bwhsec_[A-Za-z0-9+/]{32,}",
    "session token": r"\beyJ[A-Za-z0-9_-]{20,}\.eyJ[A-Za-z0-9_-]{20,}\.[A-Za-z0-9_-]{80,}",
    "address with a password": r"\b[a-z][a-z0-9+]{1,20}://[A-Za-z0-9._-]+:[^@\s/\"'{}$<>]{8,}@",
    "Google key": r"\bAIza[A-Za-z0-9_-]{35}\b",
    "Slack token": r"\bxox[abprs]-[A-Za-z0-9-]{20,}",
    "package token": r"\b(?:npm_[A-Za-z0-9]{36}|pypi-[A-Za-z0-9_-]{50,})",
    "private key": r"-----BEGIN " + r"(?:[A-Z]+ )?PRIVATE KEY-----",
    "GitHub token": r"\b(?:gh[oprsu]_[A-Za-z0-9]{36}|github_pat_[A-Za-z0-9_]{60,})\b",
    "home of a person": r"(?:/home|/Users)" + r"/[a-z][a-z0-9_-]*/",
}
# Keys and tokens that Clerk and Svix have published for tests.
PUBLISHED = {
    ("tests/fixtures/clerk/session_jwt_vectors.json", "session token"),
    ("tests/fixtures/svix/vectors.json", "webhook secret"),
    ("tests/unit/accounts/test_svix.py", "webhook secret"),
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
    where = path.relative_to(ROOT).as_posix()
    found = [one for one in findings(text) if (where, one[1]) not in PUBLISHED]
    return [f"{where}:{number}: {name}" for number, name in found]


def findings(text: str) -> list[tuple[int, str]]:
    """The lines of a text that hold something, and what."""
    names = list(PATTERNS)
    return [
        (number, names[int((hit.lastgroup or "p0")[1:])])
        for number, line in enumerate(text.splitlines(), 1)
        for hit in EVERYTHING.finditer(line)
    ]


if __name__ == "__main__":
    sys.exit(main())
