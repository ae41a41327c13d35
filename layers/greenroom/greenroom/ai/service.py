"""The AI proxy: who may ask, within which quota, and what they are answered."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from greenroom.accounts.identity import Identity
from greenroom.ai.calls import MeteredCalls
from greenroom.ai.domain import (
    Asked,
    Figures,
    Malformed,
    Message,
    Outcome,
    Task,
    Tenancy,
    Work,
)
from greenroom.ai.view import answer_bytes
from greenroom.kernel.breaker import Passing, always
from greenroom.kernel.clock import Deadline
from greenroom.kernel.errors import AnswerMalformed, StoreUnavailable
from greenroom.kernel.ids import new_id, request_id_of, user_id_of
from greenroom.kernel.limits import AI_RESERVE_S, Limits
from greenroom.kernel.telemetry import phase
from greenroom.llm.domain import Completion, spent_by
from greenroom.tenants.access import TenantAccess
from greenroom.tenants.domain import TenantEntry
from greenroom.usage.domain import Answered, Payer, Plan, Quota, Service, State
from greenroom.usage.meter import Meter

_ROUTE = "POST /api/ai/generate"  # a part of the ids of requests: never changed
Note = Callable[[str, dict[str, Any]], None]


class Model(Protocol):
    """What is asked of a language model (``llm.gateway.LanguageModel``)."""

    def complete(
        self,
        messages: Sequence[Message],
        *,
        schema: Mapping[str, Any],
        schema_name: str,
        timeout_s: float,
        max_tokens: int,
        effort: str | None = None,
    ) -> Completion:
        """The model's answer; raises the provider errors of the kernel."""
        ...


class Generation:
    """What people ask of the proxy."""

    def __init__(
        self,
        *,
        tenants: TenantAccess,
        meter: Meter,
        calls: MeteredCalls,
        model: Callable[[], Model],
        effort: str | None,
        limits: Limits,
        note: Note,
        passing: Passing = always,
    ) -> None:
        self._passing = passing
        self._tenants = tenants
        self._meter = meter
        self._calls = calls
        self._model = model
        self._effort = effort
        self._limits = limits
        self._note = note

    def generate(
        self, identity: Identity, asked: Asked, *, key: str | None, deadline: Deadline
    ) -> Outcome:
        """Answer a request, or again as before where its ``Idempotency-Key`` was answered.

        Raises:
            NotFound: no such tenant, or the person does not work there.
            QuotaExceeded: a quota does not cover the call.
            IdempotencyInProgress, IdempotencyMismatch: see ``Meter.reserve``.
            StoreUnavailable: the quota's store did not answer; the model was not asked.
            AnswerMalformed, ProviderFailed, ProviderThrottled, ProviderTimedOut: the model brought
                nothing of use; the units went back.
            NoLongerHeld: the person cancelled the call.
            ProviderDown: the model does not answer at the moment; nothing was done at all.
        """
        user_id = user_id_of(identity.clerk_id)
        entry = self._enter(identity, asked.tenancy)
        payer, plan = _payer(user_id, entry)
        request_id = _request_id(user_id, key) if key is not None else new_id()
        with self._passing():
            held = self._meter.reserve(
                payer,
                asked.service,
                plan=plan,
                request_id=request_id,
                request_hash=asked.request_hash,
            )
            if isinstance(held, Answered):
                return Outcome(
                    request_id=request_id, answer=held.answer, replayed=True, logged=None
                )

            def answer(output: Any, figures: Figures) -> bytes:
                quota = self._quota_after(held.payer, asked.service, plan)
                return answer_bytes(held, entry, output, figures, quota)

            done = self._calls.make(
                held,
                lambda: self._ask(asked.task, deadline),
                answer=answer,
                keep=key is not None,
                told=asked.told,
            )
            return Outcome(
                request_id=request_id, answer=done.answer, replayed=False, logged=done.logged
            )

    def cancel(self, identity: Identity, key: str) -> tuple[str, State]:
        """Give up the call of that key: its request's id, and what became of it, by whomever.

        Raises:
            NotFound: the person has made no such request.
        """
        user_id = user_id_of(identity.clerk_id)
        request_id = _request_id(user_id, key)
        return request_id, self._meter.cancel(user_id, request_id)

    def quota(
        self, identity: Identity, tenancy: Tenancy | None, services: Sequence[Service]
    ) -> list[Quota]:
        """How the quotas stand from which calls of these services would take.

        Raises:
            NotFound: no such tenant, or the person does not work there.
        """
        entry = self._enter(identity, tenancy)
        payer, plan = _payer(user_id_of(identity.clerk_id), entry)
        return [
            quota for service in services for quota in self._meter.quota(payer, service, plan=plan)
        ]

    def tenants(self, identity: Identity) -> list[TenantEntry]:
        """The tenants for which a person may ask."""
        return self._tenants.mine(identity)

    def _enter(self, identity: Identity, tenancy: Tenancy | None) -> TenantEntry | None:
        if tenancy is None:
            return None
        return self._tenants.enter(identity, kind=tenancy.kind, tenant_id=tenancy.tenant_id)

    def _ask(self, task: Task, deadline: Deadline) -> Work[Any]:
        """The model's answer, checked."""
        with phase("model"):
            completion = self._model().complete(
                task.messages,
                schema=task.schema,
                schema_name=task.schema_name,
                timeout_s=deadline.remaining_s(
                    keep_s=AI_RESERVE_S, at_most_s=self._limits.ai_timeout_s
                ),
                max_tokens=task.max_tokens,
                effort=self._effort,
            )
        try:
            output = task.read(completion.text)
        except Malformed as problem:
            facts = {"reason": problem.reason, "where": problem.where, **completion.facts}
            raise AnswerMalformed(log=facts) from problem
        return Work(output, spent_by(completion))

    def _quota_after(self, payer: Payer, service: Service, plan: Plan) -> Quota | None:
        """The quota that runs out first, with this call's units in it.

        It is told beside the answer, which does not wait for it to be known.
        """
        try:
            quotas = self._meter.quota(payer, service, plan=plan)
        except StoreUnavailable as failure:
            self._note("a quota was not read", {"error_code": failure.code})
            return None
        return min(quotas, key=lambda quota: quota.remaining, default=None)


def _payer(user_id: str, entry: TenantEntry | None) -> tuple[Payer, Plan]:
    if entry is None:
        return Payer(user_id), Plan()
    return Payer(user_id, entry.tenant), entry.plan


def _request_id(user_id: str, key: str) -> str:
    return request_id_of(user_id, _ROUTE, key)
