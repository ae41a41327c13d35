"""Who calls, what they may spend, and the organisations they belong to."""

from functools import cached_property
from typing import TYPE_CHECKING

from greenroom.kernel.limits import USER_CACHE_S
from greenroom.kernel.log import log_error
from greenroom.kernel.settings import CommonSettings, IdentitySettings, LimitSettings
from greenroom.wiring.core import Core

if TYPE_CHECKING:
    from greenroom.accounts.identity import Identity
    from greenroom.accounts.jwks import JwksEndpoint
    from greenroom.accounts.jws import KeySource
    from greenroom.accounts.service import Accounts
    from greenroom.accounts.store import AccountStore
    from greenroom.accounts.tokens import SessionTokens
    from greenroom.organizations.access import Access
    from greenroom.organizations.service import Organizations
    from greenroom.organizations.store import OrganizationStore


class AccountsWiring(Core):
    """Callers, accounts and organisations."""

    def verify(self, token: str) -> "Identity":
        """Who the session token speaks for; Unauthenticated if it does not verify."""
        return self.tokens.verify(token)

    @cached_property
    def tokens(self) -> "SessionTokens":
        """The verifier of session tokens."""
        from greenroom.accounts.tokens import SessionTokens

        identity = self.of(IdentitySettings)
        return SessionTokens(
            issuer=identity.clerk_issuer,
            keys=self._clerk_keys(identity),
            authorized_parties=identity.clerk_authorized_parties,
            clock=self.clock,
        )

    def _clerk_keys(self, identity: IdentitySettings) -> "KeySource":
        if identity.clerk_jwks:
            from greenroom.accounts.keys import ConfiguredKeys

            return ConfiguredKeys(identity.clerk_jwks)
        from greenroom.accounts.keys import FetchedKeys

        fetch = self._jwks_endpoint(identity).fetch
        report = lambda error: log_error("keys could not be fetched", error)  # noqa: E731
        return FetchedKeys(fetch, clock=self.clock, report=report)

    def _jwks_endpoint(self, identity: IdentitySettings) -> "JwksEndpoint":
        import httpx

        from greenroom.accounts.jwks import JwksEndpoint
        from greenroom.kernel.trust import trusted

        url = identity.clerk_jwks_url or f"{identity.clerk_issuer}/.well-known/jwks.json"
        return JwksEndpoint(url, httpx.Client(trust_env=False, verify=trusted()))

    def is_admin(self, identity: "Identity") -> bool:
        """Whether the person is one of ``GREENROOM_ADMINS``."""
        return identity.clerk_id in self.of(IdentitySettings).greenroom_admins

    @cached_property
    def account_store(self) -> "AccountStore":
        """People in the table."""
        from greenroom.accounts.store import AccountStore

        limits = self.of(LimitSettings)
        return AccountStore(
            self.table,
            limits=limits,
            credits_name=self.of(CommonSettings).credits_name,
            daily_interviews=limits.daily_limits.get("interview"),
        )

    @cached_property
    def accounts(self) -> "Accounts":
        """People and what they may spend."""
        from greenroom.accounts.domain import PremiumHints
        from greenroom.accounts.service import Accounts

        return Accounts(
            self.account_store,
            clock=self.clock,
            hints=PremiumHints(USER_CACHE_S),
            fingerprint_key=lambda: self.secrets.get("FINGERPRINT_KEY"),
        )

    @cached_property
    def organization_store(self) -> "OrganizationStore":
        """Organisations in the table."""
        from greenroom.organizations.store import OrganizationStore

        return OrganizationStore(self.table)

    @cached_property
    def organizations(self) -> "Organizations":
        """Organisations and their members."""
        from greenroom.organizations.service import Organizations

        return Organizations(self.organization_store, clock=self.clock)

    @cached_property
    def access(self) -> "Access":
        """Who people are in organisations."""
        from greenroom.organizations.access import Access

        return Access(self.organization_store)
