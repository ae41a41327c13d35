"""People on the wire."""

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, ConfigDict, Field, field_validator

from greenroom.accounts.domain import EntryKind, LedgerEntry, Profile
from greenroom.kernel.clock import to_text
from greenroom.kernel.money import credits_to_json
from greenroom.web.wire import Timestamp, Wire, json_of_at_most, without_null

# Safe to show in an <img>: a web address without what could leave an attribute.
IMAGE_URL = r"^https?://[^\s\"'<>\\]+$"
RESUME_DATA_BYTES_MAX = 64 * 1024
ResumeData = Annotated[Any, BeforeValidator(json_of_at_most(RESUME_DATA_BYTES_MAX, depth=32))]


class PublicConfig(Wire):
    """``GET /api/config``: what a front end needs before anybody is signed in."""

    clerk_publishable_key: str
    sign_in_url: str
    sign_up_url: str
    user_profile_url: str
    fallback_path: str
    credits_name: str
    interview_cost: float
    minimum_required: float


class ProfileView(Wire):
    """What a person tells about themselves."""

    headline: str | None
    bio: str | None
    image_url: str | None
    resume_text: str | None
    resume_data: Any | None

    @classmethod
    def of(cls, profile: Profile) -> "ProfileView":
        """The view of a profile."""
        return cls(
            headline=profile.headline,
            bio=profile.bio,
            image_url=profile.image_url,
            resume_text=profile.resume_text,
            resume_data=profile.resume_data,
        )


class ActiveSessionView(Wire):
    """The session that keeps a person from starting another."""

    session_id: str
    type: str
    status: str
    deadline: Timestamp


class UserView(Wire):
    """A person. ``credits``, ``minimumRequired`` and ``interviewCost`` are in credits."""

    user_id: str
    clerk_id: str
    email: str | None
    name: str | None
    credits: float
    minimum_required: float
    interview_cost: float
    is_premium: bool
    premium_until: Timestamp | None
    can_start_interview: bool
    active_session: ActiveSessionView | None
    role: Literal["user", "admin"]
    profile: ProfileView
    stale: bool = Field(
        description="the store could not be asked: this is as it was `Age` seconds ago"
    )


class ProfileChange(Wire):
    """Members that are absent stay; null clears."""

    headline: str | None = Field(default=None, max_length=200)
    bio: str | None = Field(default=None, max_length=4_000)
    image_url: str | None = Field(default=None, max_length=2_048, pattern=IMAGE_URL)
    resume_text: str | None = Field(default=None, max_length=40_000)
    resume_data: ResumeData | None = Field(default=None, description="any JSON, at most 64 KB")


class UserChange(Wire):
    """``PATCH /api/user``: members that are absent stay; null clears."""

    model_config = ConfigDict(json_schema_extra=without_null("profile"))

    name: str | None = Field(default=None, max_length=200)
    profile: ProfileChange | None = None

    @field_validator("profile")
    @classmethod
    def _not_null(cls, value: ProfileChange | None) -> ProfileChange:
        if value is None:
            raise ValueError("is an object; leave it out to change nothing")
        return value

    def account(self) -> dict[str, Any]:
        """The changes of the person."""
        return {"name": self.name} if "name" in self.model_fields_set else {}

    def profile_changes(self) -> dict[str, Any]:
        """The changes of the profile."""
        if self.profile is None:
            return {}
        return {name: getattr(self.profile, name) for name in self.profile.model_fields_set}


class LedgerEntryView(Wire):
    """One change of the balance, in credits; debits are negative."""

    id: str
    kind: EntryKind
    amount: float
    reason: str
    at: Timestamp
    session_id: str | None

    @classmethod
    def of(cls, entry: LedgerEntry) -> "LedgerEntryView":
        """The view of an entry."""
        return cls(
            id=entry.key,
            kind=entry.kind,
            amount=credits_to_json(entry.amount),
            reason=entry.reason,
            at=to_text(entry.at),
            session_id=entry.session_id,
        )


class ExportView(Wire):
    """One page of all that is stored of a person; ``kind`` says what each item is."""

    items: list[dict[str, Any]]
    next_cursor: str | None


class UserDeleted(Wire):
    """The account is closed for ever; its data are being erased."""

    deleted: Literal[True] = True


class WebhookReceived(Wire):
    """What became of a message of Clerk's. Each of these is final: nothing is sent again."""

    received: Literal[True] = True
    outcome: Literal["applied", "duplicate", "ignored", "stale"]


class LedgerView(Wire):
    """One page of the ledger, newest first."""

    items: list[LedgerEntryView]
    next_cursor: str | None
