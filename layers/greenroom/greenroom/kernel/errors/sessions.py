"""What may happen to sessions, their experts, intakes and payments."""

from greenroom.kernel.errors.general import Conflict, Forbidden, Refused


class InsufficientCredits(Forbidden):
    """The balance does not cover the cost of what was asked for."""

    code = "INSUFFICIENT_CREDITS"
    title = "Insufficient credits"
    default_detail = "You do not have enough credits."


class NotAnExpert(Forbidden):
    """Only an approved expert may do this."""

    code = "NOT_AN_EXPERT"
    title = "Experts only"
    default_detail = "Only an approved expert may do this."


class ActiveSessionExists(Conflict):
    """One active session a person, of any type."""

    code = "ACTIVE_SESSION_EXISTS"
    title = "A session is already active"
    default_detail = "You already have an active session"


class ExchangeInProgress(Conflict):
    """Another offer for this session is being answered right now."""

    code = "EXCHANGE_IN_PROGRESS"
    title = "Another offer is being answered"
    default_detail = "Another offer for this session is being answered."


class NoCustomer(Conflict):
    """The person has never begun a checkout, so there is nothing to manage."""

    code = "NO_CUSTOMER"
    title = "Nothing bought yet"
    default_detail = "You have not bought anything yet."


class PurchaseNotRedeemable(Conflict):
    """Only a paid purchase that is banked, and not given back, becomes a session."""

    code = "PURCHASE_NOT_REDEEMABLE"
    title = "Not redeemable"
    default_detail = "This purchase cannot be redeemed."


class PurchaseNotRefundable(Conflict):
    """Nothing is left to give back, a dispute holds it, or a refund is under way."""

    code = "PURCHASE_NOT_REFUNDABLE"
    title = "Not refundable"
    default_detail = "There is nothing to refund on this purchase."


class AlreadyTaken(Conflict):
    """Another expert was faster."""

    code = "ALREADY_TAKEN"
    title = "Already taken"
    default_detail = "Another expert has taken this session."


class OfferExpired(Conflict):
    """The offer's time is over, or it was declined."""

    code = "OFFER_EXPIRED"
    title = "The offer has expired"
    default_detail = "This offer has expired."


class AtCapacity(Conflict):
    """The expert has as many sessions as they take at a time."""

    code = "AT_CAPACITY"
    title = "At capacity"
    default_detail = "You have as many sessions as you take at a time."


class ExpertOffline(Conflict):
    """Only an expert who is online takes sessions."""

    code = "EXPERT_OFFLINE"
    title = "Offline"
    default_detail = "Go online to take sessions."


class WaiverRequired(Conflict):
    """The waiver has to be signed first."""

    code = "WAIVER_REQUIRED"
    title = "The waiver is not signed"
    default_detail = "The waiver has to be signed first."


class WaiverVersion(Conflict):
    """Another version of the waiver is current by now; facts name ``currentVersion``."""

    code = "WAIVER_VERSION"
    title = "Another version is current"
    default_detail = "The waiver has changed. Read and sign the current version."


class PlanUsed(Conflict):
    """The plan is once per person for ever, and this person has had it."""

    code = "PLAN_USED"
    title = "Once per person"
    default_detail = "You have had this plan. It is once per person."


class IntakeUsed(Conflict):
    """The intake has become a session already."""

    code = "INTAKE_USED"
    title = "The intake was used"
    default_detail = "This intake has become a session already."


class IntakeExpired(Conflict):
    """The intake was not used in its time."""

    code = "INTAKE_EXPIRED"
    title = "The intake has expired"
    default_detail = "This intake has expired. Begin a new one."


class TokenExpired(Refused):
    """The session's token is past its time; ask for a fresh one."""

    status = 410
    code = "TOKEN_EXPIRED"
    title = "Token expired"
    default_detail = "The session's token has expired. Ask for a fresh one."


class InvalidSdp(Refused):
    """The WebRTC offer was refused; ``code`` is one of the ``SDP_*`` reasons."""

    status = 422
    code = "SDP_INVALID"
    title = "Invalid WebRTC offer"
    default_detail = "The WebRTC offer is not valid."
