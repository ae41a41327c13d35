"""The routes of experts: their profile, the queue, offers, and taking a session."""

from greenroom.experts.schema import (
    ExpertView,
    OfferList,
    OfferView,
    OnlineExperts,
    PlaceView,
    PutExpert,
    QueuePage,
    Released,
)
from greenroom.kernel.errors import (
    AlreadyTaken,
    AtCapacity,
    Conflict,
    ExpertOffline,
    InvalidTransition,
    NotAnExpert,
    OfferExpired,
)
from greenroom.sessions.schema import SessionDetail, SessionPage
from greenroom.web.route import PAGED, Route

_TAKING = (NotAnExpert, AlreadyTaken, AtCapacity, ExpertOffline, InvalidTransition)

ONLINE = Route(
    "GET /api/experts",
    summary="Experts who are online, of a workshop or of all, to choose a preferred one",
    answers={200: OnlineExperts},
    query={"workshopId": "Only those of this workshop"},
)
ME = Route(
    "GET /api/experts/me",
    summary="The person's profile as an expert",
    answers={200: ExpertView},
    errors=(NotAnExpert,),
)
PUT_ME = Route(
    "PUT /api/experts/me",
    summary="Go online or offline; say what one does and how much at a time",
    body=PutExpert,
    answers={200: ExpertView},
)
MY_SESSIONS = Route(
    "GET /api/experts/me/sessions",
    summary="The sessions that the expert took, newest first",
    answers={200: SessionPage},
    query=PAGED,
)
QUEUE = Route(
    "GET /api/queue",
    summary="What this expert may claim: urgent sessions first, then the oldest",
    answers={200: QueuePage, 304: None},
    errors=(NotAnExpert,),
)
OFFERS = Route(
    "GET /api/offers",
    summary="What is offered to this expert, the next to expire first",
    answers={200: OfferList, 304: None},
    errors=(NotAnExpert,),
)
ACCEPT = Route(
    "POST /api/offers/{offerId}/accept",
    summary="Take an offered session: the first one gets it",
    answers={200: SessionDetail},
    errors=(*_TAKING, OfferExpired),
)
DECLINE = Route(
    "POST /api/offers/{offerId}/decline",
    summary="Say no to an offer",
    answers={200: OfferView},
    errors=(AlreadyTaken, OfferExpired),
)
CLAIM = Route(
    "POST /api/sessions/{sessionId}/claim",
    summary="Take a session out of the queue",
    answers={200: SessionDetail},
    errors=_TAKING,
)
RELEASE = Route(
    "POST /api/sessions/{sessionId}/release",
    summary="Give back a session that has not begun: it keeps its place in the queue",
    answers={200: Released},
    errors=(InvalidTransition, Conflict),
)
POSITION = Route(
    "GET /api/sessions/{sessionId}/position",
    summary="Where the customer stands in the queue",
    answers={200: PlaceView},
)
