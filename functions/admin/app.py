"""What admins see of everybody, and what they decide."""

from greenroom.admin import routes
from greenroom.admin.schema import PersonRow
from greenroom.admin.view import people_page
from greenroom.kernel.limits import DIRECTORY_QUERY_CHARS_MAX
from greenroom.web.api import Answer, Api
from greenroom.web.call import Call
from greenroom.web.csv import Sheet, listed
from greenroom.wiring import Wiring

wired = Wiring("admin")
lambda_handler = api = Api("admin", verify=wired.verify, is_admin=wired.is_admin)


@api.route(routes.USERS)
def users(call: Call) -> Answer:
    limit, cursor = call.page()
    q = call.text("q", chars_max=DIRECTORY_QUERY_CHARS_MAX)
    found, next_cursor = wired.directory.page(q=q, limit=limit, cursor=cursor)
    page = people_page(found, next_cursor=next_cursor, now=wired.clock())
    return listed(call, page, Sheet.of(PersonRow, page.items, name="users"))
