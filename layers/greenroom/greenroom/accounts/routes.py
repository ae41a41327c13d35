"""The routes of a person: who they are, what they may spend, and the public settings."""

from greenroom.accounts.schema import LedgerView, PublicConfig, UserChange, UserView
from greenroom.kernel.errors import AccountDeleted
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
)
