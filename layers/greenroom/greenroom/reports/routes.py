"""The route that takes the errors of browsers."""

from greenroom.kernel.errors import StoreUnavailable, TooManyRequests, Unavailable
from greenroom.kernel.limits import BODY_CLIENT_ERROR_MAX
from greenroom.reports.schema import ClientError, ClientErrorTaken
from greenroom.web.route import Route

CLIENT_ERRORS = Route(
    "POST /api/client-errors",
    summary="Tell of an error that happened in a browser",
    auth="public",
    body=ClientError,
    body_max=BODY_CLIENT_ERROR_MAX,
    answers={202: ClientErrorTaken},
    errors=(TooManyRequests, StoreUnavailable, Unavailable),
)
