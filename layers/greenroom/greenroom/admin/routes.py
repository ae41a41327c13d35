"""The routes of admins: who there is, what happened, and what they decide."""

from greenroom.admin.schema import PeoplePage
from greenroom.kernel.errors import StoreUnavailable
from greenroom.web.csv import CSV
from greenroom.web.route import PAGED, Route

USERS = Route(
    "GET /api/admin/users",
    summary="Everybody, newest first, or whom an id, an e-mail or a part of a name means",
    auth="admin",
    answers={200: PeoplePage},
    also_answers=(CSV,),
    query={
        "q": "Our id or Clerk's, an e-mail, or a part of name or e-mail. A page of a search may be"
        " short or empty and have a `nextCursor` all the same",
        **PAGED,
    },
    errors=(StoreUnavailable,),
)
