"""The routes of a person: who they are, what they may spend, and the public settings."""

from greenroom.accounts.schema import (
    ExportView,
    LedgerView,
    PublicConfig,
    UserChange,
    UserDeleted,
    UserView,
    WebhookReceived,
)
from greenroom.kernel.errors import (
    AccountDeleted,
    BodyTooLarge,
    InvalidSignature,
    StoreUnavailable,
    Unavailable,
)
from greenroom.kernel.limits import BODY_WEBHOOK_MAX
from greenroom.web.route import PAGED, Route

CONFIG = Route(
    "GET /api/config",
    summary="What a front end needs before anybody is signed in",
    auth="public",
    answers={200: PublicConfig},
)
USER = Route(
    "GET /api/user",
    summary="The person, their balance, profile and active session",
    answers={200: UserView},
    errors=(AccountDeleted,),
    may_be_old=True,
)
CHANGE_USER = Route(
    "PATCH /api/user",
    summary="Change name or profile: absent members stay, null clears",
    body=UserChange,
    answers={200: UserView},
    errors=(AccountDeleted,),
)
LEDGER = Route(
    "GET /api/user/ledger",
    summary="Every change of the balance, newest first",
    answers={200: LedgerView},
    query=PAGED,
    errors=(AccountDeleted,),
)
EXPORT = Route(
    "GET /api/user/export",
    summary="Everything that is stored of the person, in pages of about 1 MB",
    answers={200: ExportView},
    query=PAGED,
    errors=(AccountDeleted,),
)
DELETE_USER = Route(
    "DELETE /api/user",
    summary="Close the account for ever and erase what it holds; the ledger stays, with ids only",
    answers={202: UserDeleted},
    errors=(AccountDeleted,),
    in_person=True,
)
CLERK_WEBHOOK = Route(
    "POST /api/webhooks/clerk",
    summary="Clerk's news of people and organisations, signed; each message counts once",
    auth="public",
    body_max=BODY_WEBHOOK_MAX,
    needs=("svix-id", "svix-timestamp", "svix-signature"),
    answers={200: WebhookReceived},
    errors=(InvalidSignature, BodyTooLarge, StoreUnavailable, Unavailable),
)
