"""A customer of an organisation, and how names and e-mail addresses are compared. Pure."""

import re
import unicodedata
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Literal

from greenroom.kernel.limits import EMAIL_CHARS_MAX
from greenroom.organizations.principal import CustomerRef

# Converting: a lead is just becoming a client. Converted: it has, and ``converted_to`` is that.
CustomerStatus = Literal["active", "closed", "converting", "converted"]
Settable = Literal["active", "closed"]  # by the staff

FOLDED_CHARS_MAX: Final = 80  # of a name in a sort key, which cursors carry, too

_LOCAL = re.compile(r"[\w!#$%&'*+/=?^`{|}~-]+(\.[\w!#$%&'*+/=?^`{|}~-]+)*")
_LABEL = re.compile(r"[^\W_]([^\W_]|-){0,61}[^\W_]|[^\W_]")
_LOCAL_CHARS_MAX: Final = 64  # RFC 5321 §4.5.3.1.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Customer:
    """A client or a lead of an organisation; the kind is part of ``ref``.

    ``notes`` are the staff's alone. ``user_id`` is our id of the person who signs in as this
    customer, if anybody does. ``rev`` counts the changes.
    """

    organization_id: str
    ref: CustomerRef
    name: str
    status: CustomerStatus
    created_at: datetime
    updated_at: datetime
    email: str | None = field(default=None, repr=False)
    phone: str | None = field(default=None, repr=False)
    notes: str | None = field(default=None, repr=False)
    user_id: str | None = None
    converted_to: str | None = None
    request_hash: str | None = None
    rev: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class NewCustomer:
    """What is told of a customer who is to be made; ``customer_id`` where it is known before."""

    name: str
    email: str | None = field(default=None, repr=False)
    phone: str | None = field(default=None, repr=False)
    notes: str | None = field(default=None, repr=False)
    customer_id: str | None = None
    request_hash: str | None = None


def email_of(text: str) -> str:
    """The address as it is kept and written to: NFKC, without blanks around it.

    The syntax is checked strictly and in small: quoted names, comments and addresses of IP are
    nobody's. Letters of any script are somebody's (RFC 6531).

    Raises:
        ValueError: it is no address.
    """
    plain = unicodedata.normalize("NFKC", text).strip()
    local, _, domain = plain.rpartition("@")
    labels = domain.split(".")
    sound = (
        len(plain) <= EMAIL_CHARS_MAX
        and len(local) <= _LOCAL_CHARS_MAX
        and _LOCAL.fullmatch(local) is not None
        and len(labels) > 1
        and all(_LABEL.fullmatch(label) for label in labels)
        and not labels[-1].isnumeric()
    )
    if not sound:
        raise ValueError("is no e-mail address")
    return plain


def is_email(text: str) -> bool:
    """Whether the text is a whole e-mail address."""
    try:
        email_of(text)
    except ValueError:
        return False
    return True


def same_email(email: str) -> str:
    """What two spellings of one address have in common."""
    return unicodedata.normalize("NFKC", email).strip().casefold()


def folded(name: str) -> str:
    """A name, or the beginning of one, as it is sorted and searched by."""
    plain = unicodedata.normalize("NFKC", name).casefold()
    return " ".join(plain.split())[:FOLDED_CHARS_MAX]
