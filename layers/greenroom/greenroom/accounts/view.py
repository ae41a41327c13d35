"""From people to the shapes of the wire."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from greenroom.accounts.domain import LedgerEntry, Profile, User
from greenroom.accounts.schema import (
    ActiveSessionView,
    LedgerEntryView,
    LedgerView,
    ProfileView,
    PublicConfig,
    UserView,
)
from greenroom.kernel.clock import to_text
from greenroom.kernel.limits import Limits
from greenroom.kernel.money import credits_to_json
from greenroom.kernel.settings import PageSettings


class ActiveSession(Protocol):
    """The session that keeps a person from starting another (``sessions.domain.Guard``)."""

    @property
    def session_id(self) -> str: ...  # noqa: D102 -- the names say it
    @property
    def type(self) -> str: ...  # noqa: D102
    @property
    def status(self) -> str: ...  # noqa: D102
    @property
    def deadline(self) -> datetime: ...  # noqa: D102


def public_config(settings: PageSettings, *, credits_name: str, limits: Limits) -> PublicConfig:
    """What a front end needs before anybody is signed in."""
    return PublicConfig(
        clerk_publishable_key=settings.clerk_publishable_key,
        sign_in_url=settings.clerk_sign_in_url,
        sign_up_url=settings.clerk_sign_up_url,
        user_profile_url=settings.clerk_user_profile_url,
        fallback_path=settings.fallback_path,
        credits_name=credits_name,
        interview_cost=credits_to_json(limits.interview_centicredits),
        minimum_required=credits_to_json(limits.minimum_centicredits),
    )


def user_view(
    user: User,
    profile: Profile,
    *,
    guard: ActiveSession | None,
    admin: bool,
    limits: Limits,
    now: datetime,
    stale: bool = False,
) -> UserView:
    """A person as they see themselves; ``stale`` where that could not be read just now."""
    cost = limits.interview_centicredits
    return UserView(
        user_id=user.user_id,
        clerk_id=user.clerk_id,
        email=user.email,
        name=user.name,
        credits=credits_to_json(user.credits),
        minimum_required=credits_to_json(limits.minimum_centicredits),
        interview_cost=credits_to_json(cost),
        is_premium=user.is_premium(now),
        premium_until=to_text(user.premium_until) if user.premium_until else None,
        can_start_interview=user.may_start(now, cost=cost) and guard is None,
        active_session=_active(guard) if guard else None,
        role="admin" if admin else "user",
        profile=ProfileView.of(profile),
        stale=stale,
    )


def ledger_view(entries: Sequence[LedgerEntry], *, next_cursor: str | None) -> LedgerView:
    """One page of the ledger."""
    items = [LedgerEntryView.of(entry) for entry in entries]
    return LedgerView(items=items, next_cursor=next_cursor)


def _active(guard: ActiveSession) -> ActiveSessionView:
    return ActiveSessionView(
        session_id=guard.session_id,
        type=guard.type,
        status=guard.status,
        deadline=to_text(guard.deadline),
    )
