"""Lays certifi's roots out as OpenSSL looks them up: one file each, named by a hash of its subject.

``roots.py certifi``, run by the layer's Makefile. A bundle is read whole by whoever trusts it, some
200 million instructions of a cold start; from a folder OpenSSL takes the one root that it wants.
Source: openssl-rehash(1).
"""

import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

_ROOT = re.compile(r"-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----\n", re.DOTALL)
_HASH = ["openssl", "x509", "-noout", "-subject_hash"]


def lay_out(package: Path) -> None:
    """Make the folder ``roots`` beside the bundle."""
    folder = package / "roots"
    folder.mkdir()
    known: Counter[str] = Counter()
    for root in _ROOT.findall((package / "cacert.pem").read_text()):
        told = subprocess.run(  # noqa: S603 (a fixed command)
            _HASH, input=root, text=True, capture_output=True, check=True
        )
        subject = told.stdout.strip()
        (folder / f"{subject}.{known[subject]}").write_text(root)
        known[subject] += 1


if __name__ == "__main__":
    lay_out(Path(sys.argv[1]))
