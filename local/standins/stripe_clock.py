"""The stand-in's clock: it runs with the real one, and can be moved forward.

Source of the idea: https://docs.stripe.com/billing/testing/test-clocks.
"""

import time
from typing import Final

from local.standins.stripe_account import Account
from local.standins.stripe_checkout import expire_session
from local.standins.stripe_completion import CHECKOUT, settle
from local.standins.stripe_refunds import settle_refund
from local.standins.stripe_renewals import renew

MOVE_S_MAX: Final = 3 * 366 * 24 * 3600
"""How far one move may go: three annual renewals."""


class ClockCannot(Exception):
    """The clock does not go there; the text says why."""


def move_clock(account: Account, to: int) -> None:
    """Move the clock to ``to``, in epoch seconds; all that becomes due happens at its time.

    Raises:
        ClockCannot: it would go back, or further than three years.
    """
    if not 0 <= to - account.now() <= MOVE_S_MAX:
        raise ClockCannot("the clock goes forward only, at most three years at once")
    with account.store.transaction():
        run_due(account, to)
        _set(account, to)


def run_due(account: Account, until: int) -> None:
    """Let happen what is due up to ``until``, in the order of its time."""
    while (found := account.store.next_due(until)) is not None:
        identifier, at = found
        with account.store.transaction():
            if at > account.now():
                _set(account, at)
            account.store.set_due(identifier, None)
            _happen(account, identifier)


def _happen(account: Account, identifier: str) -> None:
    document = account.store.get(identifier)
    if document["object"] == CHECKOUT and document["status"] == "open":
        expire_session(account, document)
    elif document["object"] == CHECKOUT:
        settle(account, document, succeeds=document["_settles_as"])
    elif document["object"] == "refund":
        settle_refund(account, document, succeeds=True)
    else:
        renew(account, document)


def _set(account: Account, to: int) -> None:
    account.store.write_note("moved_s", to - int(time.time()))
