"""Who a verified session token says the caller is."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class OrganizationClaim:
    """The organisation that the person has active in this session, as Clerk said.

    ``role`` and ``permissions`` are without Clerk's ``org:`` prefix, the same for both
    versions of the token: ``admin``, ``classes:manage``.
    """

    organization_id: str
    role: str | None
    slug: str | None
    permissions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Identity:
    """The person behind one verified token.

    Clerk puts no e-mail into a token unless the instance's session token is customised, so
    ``email``, ``name`` and ``image_url`` are often None. ``email_verified`` is only true
    beside an e-mail. ``actor_id`` is Clerk's id of who impersonates the person, if anybody does.
    """

    clerk_id: str
    session_id: str
    email: str | None = None
    email_verified: bool = False
    name: str | None = None
    image_url: str | None = None
    organization: OrganizationClaim | None = None
    actor_id: str | None = None
