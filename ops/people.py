"""Commands about one person: their ledger, credits by hand, export and erasure."""

from typing import Any

from greenroom.accounts.domain import EntryExists, Posting
from greenroom.kernel.errors import NotFound, Refused
from greenroom.kernel.ids import is_id, new_id, user_id_of
from greenroom.kernel.limits import PAGE_MAX
from greenroom.kernel.money import credits_from_text, credits_to_text
from greenroom.wiring import Wiring
from ops.output import Output, table


def person_id(told: str) -> str:
    """Our id of a person who is named by it, or by Clerk's id."""
    return told if is_id(told) else user_id_of(told)


def ledger(wired: Wiring, told: str, out: Output) -> int:
    """All entries of a person, newest first, and whether they make the balance."""
    user_id = person_id(told)
    stored = wired.account_store.stored(user_id)
    entries = wired.account_store.ledger(user_id)
    if stored is None and not entries:
        raise NotFound(f"There is nobody {told}.")
    total = sum(entry.amount for entry in entries)
    balance = stored.credits if stored else 0
    document = {
        "userId": user_id,
        "balanceCenticredits": balance,
        "ledgerCenticredits": total,
        "agrees": balance == total,
        "entries": [
            {
                "key": entry.key,
                "kind": entry.kind,
                "amountCenticredits": entry.amount,
                "reason": entry.reason,
                "at": entry.at,
                "sessionId": entry.session_id,
            }
            for entry in entries
        ],
    }
    rows = [
        (f"{one.at:%Y-%m-%d %H:%M:%S}", credits_to_text(one.amount), one.kind, one.key, one.reason)
        for one in entries
    ]
    word = "agrees with" if balance == total else "DIFFERS FROM"
    sums = f"balance {credits_to_text(balance)} {word} the ledger's {credits_to_text(total)}"
    out.result(document, [f"person {user_id}", *table(rows), sums])
    return 0 if balance == total else 1


def adjust(
    wired: Wiring, told: str, amount: str, *, reason: str, operation: str | None, out: Output
) -> int:
    """Post one entry by hand, once for ever by the operation's id.

    ``amount`` is in credits, with at most two places. The same operation again changes
    nothing; another amount under its id is refused.
    """
    centicredits = credits_from_text(amount.removeprefix("+"))
    if centicredits == 0:
        raise ValueError("an adjustment of nothing")
    user_id, done = person_id(told), operation or new_id()
    key = f"adjust:operator:{done}"
    tx = wired.table.transaction()
    posting = Posting(key=key, kind="adjustment", amount=centicredits, reason=reason)
    wired.accounts.add_credits(tx, user_id, [posting])
    again = False
    try:
        tx.commit()
    except EntryExists:
        again = True
        known = {entry.key: entry for entry in wired.account_store.ledger(user_id)}[key]
        if known.amount != centicredits:
            before = credits_to_text(known.amount)
            raise Refused(f"The operation {done} was one of {before} credits.") from None
    stored = wired.account_store.stored(user_id)
    balance = stored.credits if stored else 0
    document = {
        "userId": user_id,
        "operationId": done,
        "key": key,
        "amountCenticredits": centicredits,
        "balanceCenticredits": balance,
        "alreadyDone": again,
    }
    word = "was done before" if again else "done"
    line = (
        f"{credits_to_text(centicredits)} credits {word} as operation {done}; "
        f"the balance is {credits_to_text(balance)}"
    )
    out.result(document, [line])
    return 0


def export(wired: Wiring, told: str, out: Output) -> int:
    """Everything that is stored of a person, as JSON."""
    items: list[dict[str, Any]] = []
    cursor: str | None = None
    while True:
        page, cursor = wired.export.page(person_id(told), limit=PAGE_MAX, cursor=cursor)
        items += page
        if cursor is None:
            break
        out.progress(f"{len(items)} rows ...")
    Output(as_json=True, out=out.stream).result({"items": items}, [])
    return 0


def erase(wired: Wiring, told: str, *, really: bool, out: Output) -> int:
    """Delete a person for ever; without ``really`` it only says whom."""
    user_id = person_id(told)
    stored = wired.account_store.stored(user_id)
    if stored is None:
        raise NotFound(f"There is nobody {told}.")
    document = {"userId": user_id, "clerkId": stored.clerk_id, "deleted": stored.is_deleted}
    if stored.is_deleted:
        out.result(document, [f"{user_id} was deleted before"])
        return 0
    if not really:
        out.result(document, [f"{user_id} ({stored.clerk_id}) would be deleted: say --yes"])
        return 0
    wired.erasure.delete(stored.clerk_id)
    out.result(
        document | {"deleted": True},
        [f"{user_id} is deleted; the sweeper does what needs others (Stripe, Clerk)"],
    )
    return 0


def approve(wired: Wiring, told: str, *, approved: bool, out: Output) -> int:
    """Let an expert take sessions, or no longer; what they have goes on."""
    expert = wired.experts.approve(person_id(told), approved=approved)
    document = {"expertId": expert.expert_id, "name": expert.name, "approved": expert.approved}
    word = "takes sessions when online" if approved else "takes no new sessions"
    out.result(document, [f"{expert.name} ({expert.expert_id}) {word}"])
    return 0
