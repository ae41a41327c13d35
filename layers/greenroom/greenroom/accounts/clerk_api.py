"""Clerk's Backend API, as far as the product calls it. Source: Clerk, "Backend API", users."""

from collections.abc import Callable
from urllib.parse import quote

import httpx

from greenroom.kernel.errors import ProviderFailed, ProviderThrottled, ProviderTimedOut
from greenroom.kernel.limits import CLERK_TIMEOUT_S, PROVIDER_CONNECT_TIMEOUT_S
from greenroom.kernel.telemetry import outside

NAME = "clerk"


class ClerkApi:
    """One Clerk instance."""

    def __init__(
        self, *, base_url: str, secret_key: Callable[[], str], http: httpx.Client | None = None
    ) -> None:
        self._base_url = base_url.rstrip("/").removesuffix("/v1")
        self._secret_key = secret_key
        self._http = http or httpx.Client(trust_env=False)

    @outside(NAME, NAME)
    def delete_user(self, clerk_id: str) -> None:
        """Delete a person's account at Clerk; one that is gone counts as deleted.

        Raises:
            ProviderTimedOut: no answer in time; it may be gone.
            ProviderThrottled: too many requests.
            ProviderFailed: refused, or an answer that makes no sense.
        """
        try:
            answer = self._http.delete(
                f"{self._base_url}/v1/users/{quote(clerk_id, safe='')}",
                headers={"Authorization": f"Bearer {self._secret_key()}"},
                timeout=httpx.Timeout(CLERK_TIMEOUT_S, connect=PROVIDER_CONNECT_TIMEOUT_S),
                follow_redirects=False,
            )
        except httpx.TimeoutException as silence:
            raise ProviderTimedOut(may_have_acted=True, log={"provider": NAME}) from silence
        except (httpx.HTTPError, httpx.InvalidURL) as failure:
            log = {"provider": NAME, "reason": type(failure).__name__}
            raise ProviderFailed(may_have_acted=True, log=log) from failure
        status = answer.status_code
        if status == httpx.codes.TOO_MANY_REQUESTS:
            raise ProviderThrottled(log={"provider": NAME})
        if status not in {httpx.codes.OK, httpx.codes.NO_CONTENT, httpx.codes.NOT_FOUND}:
            raise ProviderFailed(log={"provider": NAME, "status": status})
