"""Signatures of requests to AWS: version 4, over a body that is known as a whole.

Source: AWS Identity and Access Management User Guide, "Create a signed AWS API request". A test
holds it to botocore's own.
"""

import hashlib
import hmac
from datetime import datetime
from typing import Any, Final

ALGORITHM: Final = "AWS4-HMAC-SHA256"


class Signer:
    """Signs ``POST /`` for one service of one region, for one host.

    ``credentials`` are botocore's, which renew themselves where they end. Safe to use from several
    threads.
    """

    def __init__(self, credentials: Any, *, region: str, service: str, host: str) -> None:
        self._credentials = credentials
        self._scope = f"{region}/{service}/aws4_request"
        self._steps = (region, service, "aws4_request")
        self._host = host
        self._kept: tuple[tuple[str, str], bytes] = (("", ""), b"")

    def headers(self, asked: dict[str, str], body: bytes, *, now: datetime) -> dict[str, str]:
        """These headers and all that a request needs beside them, except for its host and length.

        Names are in lower case; values have no spaces at their ends, and no two in a row.
        """
        own = self._credentials.get_frozen_credentials()
        moment = now.strftime("%Y%m%dT%H%M%SZ")
        headers = {**asked, "x-amz-date": moment}
        if own.token:
            headers["x-amz-security-token"] = own.token
        signed = dict(sorted({**headers, "host": self._host}.items()))
        names = ";".join(signed)
        lines = "".join(f"{name}:{value}\n" for name, value in signed.items())
        canonical = f"POST\n/\n\n{lines}\n{names}\n{hashlib.sha256(body).hexdigest()}"
        scope = f"{moment[:8]}/{self._scope}"
        told = hashlib.sha256(canonical.encode()).hexdigest()
        key = self._key(own.secret_key, moment[:8])
        signature = hmac.digest(key, f"{ALGORITHM}\n{moment}\n{scope}\n{told}".encode(), "sha256")
        headers["authorization"] = (
            f"{ALGORITHM} Credential={own.access_key}/{scope}, "
            f"SignedHeaders={names}, Signature={signature.hex()}"
        )
        return headers

    def _key(self, secret: str, day: str) -> bytes:
        """The key of a day, which is kept."""
        known, key = self._kept
        if known != (secret, day):
            key = f"AWS4{secret}".encode()
            for step in (day, *self._steps):
                key = hmac.digest(key, step.encode(), "sha256")
            self._kept = ((secret, day), key)
        return key
