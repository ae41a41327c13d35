"""The heart: one DynamoDB transaction whose every step says what its failure means.

A step is a write or a check with a condition, a name, and an ``otherwise``: the domain error
that the broken condition means. Either all steps happen or none does. DynamoDB reports every
broken condition of a cancelled transaction at once, each with the item as it was, so a refusal
is explained without a read and all violated rules can be named in one answer.

Reasons come back in the order of the steps because we build the request ourselves: PynamoDB's
own TransactWrite sorts by operation and gives no old image for deletes and checks
(docs/decisions/0004). Its conditions, actions and attributes are used as they are.
"""

import uuid
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Generic, Literal

from pynamodb.exceptions import VerboseClientError
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action, Update

from greenroom.kernel.errors import GreenroomError
from greenroom.kernel.limits import TRANSACTION_BYTES_MAX, TRANSACTION_STEPS_MAX
from greenroom.kernel.telemetry import count
from greenroom.table.item import I, Item, Key, RawItem, UnreadableItem

if TYPE_CHECKING:
    from greenroom.table.table import Table

Otherwise = GreenroomError | Callable[[I | None], GreenroomError]
Operation = Literal["Put", "Update", "Delete", "ConditionCheck"]

BROKEN_CONDITION = "ConditionalCheckFailed"


class TransactionRefused(ValueError):
    """The transaction can never be sent: too many steps, too large, or an item twice."""


@dataclass(frozen=True, slots=True)
class Violation:
    """A step whose condition did not hold, what that means, and the item as it was."""

    step: str
    error: GreenroomError
    old: Item | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Step(Generic[I]):
    """One conditional write or check of one item."""

    name: str
    operation: Operation
    key: Key[I]
    when: Condition | None
    otherwise: Otherwise[I]
    item: dict[str, Any] | None = None
    actions: tuple[Action, ...] = ()
    optional: bool = False

    def request(self, table_name: str) -> dict[str, Any]:
        """The step as DynamoDB wants it, with placeholders of its own."""
        names: dict[str, str] = {}
        values: dict[str, Any] = {}
        request: dict[str, Any] = {"TableName": table_name}
        if self.item is not None:
            request["Item"] = self.item
        else:
            request["Key"] = {"PK": {"S": self.key.pk}, "SK": {"S": self.key.sk}}
        if self.when is not None:
            request["ConditionExpression"] = self.when.serialize(names, values)
            request["ReturnValuesOnConditionCheckFailure"] = "ALL_OLD"
        if self.actions:
            request["UpdateExpression"] = Update(*self.actions).serialize(names, values)
        if names:
            request["ExpressionAttributeNames"] = {sign: name for name, sign in names.items()}
        if values:
            request["ExpressionAttributeValues"] = values
        return request

    def violation(self, raw: RawItem | None) -> Violation:
        """What the broken condition means, given the raw item as it was.

        Raises:
            UnreadableItem: the meaning hangs on an item that cannot be read. To take it for
                a missing one would be a wrong answer.
        """
        if not callable(self.otherwise):
            return Violation(self.name, self.otherwise, _readable(self.key.of, raw))
        old = self.key.of.read(raw) if raw else None
        return Violation(self.name, self.otherwise(old), old)


class Transaction:
    """Named steps and one commit. Made by ``Table.transaction()``, used once."""

    def __init__(self, table: "Table") -> None:
        self._table = table
        self._steps: list[Step[Any]] = []
        self._counted: list[tuple[str, float, dict[str, str]]] = []

    @property
    def steps(self) -> tuple[Step[Any], ...]:
        """The steps so far, in the order in which violations are told."""
        return tuple(self._steps)

    def put(
        self, name: str, item: I, *, otherwise: Otherwise[I], when: Condition | None = None
    ) -> None:
        """Write a new item; without another condition, only where there is none yet."""
        of = type(item)
        self._steps.append(
            Step(
                name=name,
                operation="Put",
                key=Key(of, item.pk, item.sk),
                when=of.pk.does_not_exist() if when is None else when,
                otherwise=otherwise,
                item=self._table.new(item),
            )
        )

    def update(
        self,
        name: str,
        key: Key[I],
        *actions: Action,
        when: Condition | None,
        otherwise: Otherwise[I],
        optional: bool = False,
    ) -> None:
        """Change attributes of an item; the time of the change is set, too.

        Without a condition it makes the item where there is none.

        An ``optional`` step may fail without failing the transaction: it is then left out.
        """
        self._steps.append(
            Step(
                name=name,
                operation="Update",
                key=key,
                when=when,
                otherwise=otherwise,
                actions=(*actions, key.of.updated_at.set(self._table.clock())),
                optional=optional,
            )
        )

    def delete(
        self,
        name: str,
        key: Key[I],
        *,
        when: Condition,
        otherwise: Otherwise[I],
        optional: bool = False,
    ) -> None:
        """Remove an item; ``optional`` as for ``update``."""
        self._steps.append(
            Step(
                name=name,
                operation="Delete",
                key=key,
                when=when,
                otherwise=otherwise,
                optional=optional,
            )
        )

    def check(self, name: str, key: Key[I], *, when: Condition, otherwise: Otherwise[I]) -> None:
        """Require something of an item that is not written."""
        self._steps.append(
            Step(name=name, operation="ConditionCheck", key=key, when=when, otherwise=otherwise)
        )

    def add(self, step: Step[Any]) -> None:
        """Add a step that somebody else made, as it is: also the times of its row are theirs."""
        self._steps.append(step)

    def join(self, other: "Transaction") -> None:
        """Append the steps of another transaction on the same table, and what it counts."""
        self._steps += other.steps
        self._counted += other._counted  # noqa: SLF001 (of the same class)

    def count(self, metric: str, value: float = 1, **label: str) -> None:
        """Count something, as ``telemetry.count`` does, once all steps are known to be done."""
        self._counted.append((metric, value, label))

    def commit(self) -> None:
        """Do all steps, or none.

        Raises:
            GreenroomError: what the first violated step means.
            StoreUnavailable: the table did not answer, or conflicts did not clear.
            TransactionRefused: it can never be sent.
        """
        for violation in self.attempt():
            raise violation.error

    def rehearse(self) -> tuple[Violation, ...]:
        """Write nothing: what ``attempt`` would find violated now, in the order of the steps.

        Every condition is asked of the table as it stands, all at one instant, by a transaction
        that only checks. Optional steps and those without a condition cannot be violated.

        Raises:
            StoreUnavailable: the table did not answer, or conflicts did not clear.
            TransactionRefused: it could never be sent.
        """
        checks = [
            replace(step, operation="ConditionCheck", item=None, actions=())
            for step in self._steps
            if step.when is not None and not step.optional
        ]
        broken = self._send(checks, self._table.patience.tries())
        return tuple(violation for _, violation in broken)

    def attempt(self) -> tuple[Violation, ...]:
        """Do all steps, or none: then all violations, in the order of the steps.

        Raises:
            StoreUnavailable: the table did not answer, or conflicts did not clear.
            TransactionRefused: it can never be sent.
        """
        steps = self._steps
        tries = self._table.patience.tries()
        while True:
            broken = self._send(steps, tries)
            required = [violation for step, violation in broken if not step.optional]
            if not broken:
                self._count()
            if required or not broken:
                return tuple(required)
            left_out = {step.key for step, _ in broken}
            steps = [step for step in steps if step.key not in left_out]
            if not steps:
                return ()

    def _count(self) -> None:
        for metric, value, label in self._counted:
            count(metric, value, **label)

    def _send(
        self, steps: list[Step[Any]], tries: Iterator[None]
    ) -> list[tuple[Step[Any], Violation]]:
        """Send these steps: what was violated. Every retry is the same request to DynamoDB."""
        requests: list[dict[str, Any]] = [
            {step.operation: step.request(self._table.name)} for step in steps
        ]
        _refuse_what_cannot_be_sent(steps, requests)
        request = {"TransactItems": requests, "ClientRequestToken": str(uuid.uuid4())}
        try:
            self._table.call("TransactWriteItems", request, tries=tries)
        except VerboseClientError as refusal:
            reasons = refusal.cancellation_reasons
            if {reason.code for reason in reasons if reason} != {BROKEN_CONDITION}:
                raise
            return [
                (step, step.violation(reason.raw_item))
                for step, reason in zip(steps, reasons, strict=True)
                if reason is not None
            ]
        return []


def _readable(of: type[I], raw: RawItem | None) -> I | None:
    try:
        return of.read(raw) if raw else None
    except UnreadableItem:
        return None


def _refuse_what_cannot_be_sent(steps: list[Step[Any]], requests: Iterable[dict[str, Any]]) -> None:
    if len(steps) > TRANSACTION_STEPS_MAX:
        raise TransactionRefused(f"{len(steps)} steps; DynamoDB takes {TRANSACTION_STEPS_MAX}")
    keys = [(step.key.pk, step.key.sk) for step in steps]
    if len(set(keys)) != len(keys):
        raise TransactionRefused("one item twice: join its conditions into one step")
    size = _size_of(list(requests))
    if size > TRANSACTION_BYTES_MAX:
        raise TransactionRefused(f"{size} bytes; DynamoDB takes {TRANSACTION_BYTES_MAX}")


def _size_of(value: Any) -> int:
    """Bytes of a request's texts and binaries: what makes a transaction large."""
    size, rest = 0, [value]
    while rest:
        one = rest.pop()
        if isinstance(one, str):
            size += len(one) if one.isascii() else len(one.encode())
        elif isinstance(one, dict):
            rest += one
            rest += one.values()
        elif isinstance(one, list | tuple):
            rest += one
        else:
            size += len(one) if isinstance(one, bytes) else 1
    return size
