"""Clerk's Backend API, as far as the product calls it. Source: Clerk, "Backend API", users."""

from collections.abc import Callable
from urllib.parse import quote

import httpx

from greenroom.kernel.errors import ProviderFailed, ProviderThrottled, ProviderTimedOut
from greenroom.kernel.limits import CLERK_TIMEOUT_S, PROVIDER_CONNECT_TIMEOUT_S
from greenroom.kernel.telemetry import outside
from greenroom.kernel.trust import trusted

NAME = "clerk"


class ClerkApi:
    """One Clerk instance."""

    def __init__(
        self, *, base_url: str, secret_key: Callable[[], str], http: httpx.Client | None = None
    ) -> None:
        self._base_url = base_url.rstrip("/").removesuffix("/v1")
        self._secret_key = secret_key
        self._http = http or httpx.Client(trust_env=False, verify=trusted())

    @outside(NAME, NAME)
    def check(self, *, timeout_s: float) -> None:
        """Clerk's API answers and knows our key, as reading the instance's keys tells.

        Raises:
            ProviderTimedOut, ProviderThrottled: as ``delete_user``.
            ProviderFailed: refused; the alarm ``PROVIDER_CREDENTIALS`` where it is our key.
        """
        status = self._send("GET", "/v1/jwks", timeout_s=timeout_s)
        if status in {httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN}:
            raise ProviderFailed(log={"provider": NAME, "alarm": "PROVIDER_CREDENTIALS"})
        if status != httpx.codes.OK:
            raise ProviderFailed(log={"provider": NAME, "status": status})

    @outside(NAME, NAME)
    def delete_user(self, clerk_id: str) -> None:
        """Delete a person's account at Clerk; one that is gone counts as deleted.

        Raises:
            ProviderTimedOut: no answer in time; it may be gone.
            ProviderThrottled: too many requests.
            ProviderFailed: refused, or an answer that makes no sense.
        """
        path = f"/v1/users/{quote(clerk_id, safe='')}"
        status = self._send("DELETE", path, timeout_s=CLERK_TIMEOUT_S)
        if status not in {httpx.codes.OK, httpx.codes.NO_CONTENT, httpx.codes.NOT_FOUND}:
            raise ProviderFailed(log={"provider": NAME, "status": status})

    def _send(self, method: str, path: str, *, timeout_s: float) -> int:
        """The status of the answer; 429 is raised here."""
        try:
            answer = self._http.request(
                method,
                f"{self._base_url}{path}",
                headers={"Authorization": f"Bearer {self._secret_key()}"},
                timeout=httpx.Timeout(timeout_s, connect=PROVIDER_CONNECT_TIMEOUT_S),
                follow_redirects=False,
            )
        except httpx.TimeoutException as silence:
            raise ProviderTimedOut(may_have_acted=True, log={"provider": NAME}) from silence
        except (httpx.HTTPError, httpx.InvalidURL) as failure:
            log = {"provider": NAME, "reason": type(failure).__name__}
            raise ProviderFailed(may_have_acted=True, log=log) from failure
        if answer.status_code == httpx.codes.TOO_MANY_REQUESTS:
            raise ProviderThrottled(log={"provider": NAME})
        return answer.status_code
