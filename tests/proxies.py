"""The AI proxy as the tests use it: a tenant, somebody who works there, calls, and the books."""

import json
from dataclasses import dataclass, field
from typing import Any

from greenroom.kernel.tenants import Tenant, TenantKind
from tests.fakes.provider import completion
from tests.quotas import Metered
from tests.usage_log import logged
from tests.world import Person, Reply, World

ASK = "/chat/completions"
EXAM = {"subject": "Mathematics", "topic": "Times tables", "grade": 5, "questionCount": 3}
PRESCHOOL_ID = "d5e14446-f19e-4b29-8fb0-9551869348dd"  # the id of origin 001
SCHEMA = {
    "type": "object",
    "properties": {"answer": {"type": "string"}, "sure": {"type": "boolean"}},
    "required": ["answer", "sure"],
    "additionalProperties": False,
}


@dataclass
class Proxy:
    """One tenant with somebody who works there; ``kind`` None is a person alone."""

    world: World
    kind: TenantKind | None = "preschool"
    tenant_id: str = PRESCHOOL_ID
    person: Person = field(init=False)

    def __post_init__(self) -> None:
        self.person = self.world.person()
        if self.kind is not None:
            make_tenant(self.world, self.kind, self.tenant_id, {self.person.user_id: "admin"})

    @property
    def tenant(self) -> dict[str, str]:
        """The tenant as a request names it."""
        assert self.kind is not None
        return {"kind": self.kind, "id": self.tenant_id}

    def body(self, **changes: Any) -> dict[str, Any]:
        """A request for an exam."""
        named = {} if self.kind is None else {"tenant": self.tenant}
        whole = {**named, "serviceType": "exam_generation", "input": EXAM, **changes}
        return {name: value for name, value in whole.items() if value is not ...}

    def generate(self, *, key: str | None = None, person: Person | None = None,
                 remaining_ms: int = 29_000, **changes: Any) -> Reply:  # fmt: skip
        """Ask for an exam; a change to ``...`` leaves a member out."""
        headers = {} if key is None else {"idempotency-key": key}
        caller = person or self.person
        return caller.call(
            "POST /api/ai/generate",
            self.body(**changes),
            headers=headers,
            remaining_ms=remaining_ms,
        )

    def cancel(self, key: str, *, person: Person | None = None) -> Reply:
        """Give up the call of that key."""
        caller = person or self.person
        return caller.call("POST /api/ai/generate/cancel", headers={"idempotency-key": key})

    def quota(self, *, service: str = "exam_generation") -> list[dict[str, Any]]:
        """How the quotas stand, as the API says."""
        query = f"?serviceType={service}"
        if self.kind is not None:
            query += f"&tenantKind={self.kind}&tenantId={self.tenant_id}"
        answer = self.person.call(f"GET /api/ai/quota{query}")
        assert answer.status == 200, answer.text
        items: list[dict[str, Any]] = answer.body["items"]
        return items

    @property
    def used(self) -> int:
        """What is used of the quota that pays."""
        return int(self.quota()[0]["used"])

    @property
    def asked(self) -> int:
        """How often the model was asked."""
        return self.world.provider.count(ASK)

    def rows(self) -> list[dict[str, Any]]:
        """The rows of the usage log."""
        return logged(self.world)

    def audit(self) -> None:
        """The quotas' counts are the sum of what is reserved, by the rows alone."""
        Metered(self.world).audit()


def make_tenant(world: World, kind: TenantKind, tenant_id: str, members: dict[str, str]) -> Tenant:
    """A tenant as an operator makes it; members by our ids of them."""
    return world.wiring("ai").tenants.create(
        kind, "Little Acorns", tenant_id=tenant_id, members=members, actor="ops:test"
    )


def answer_of(reply: Reply) -> Any:
    """What the model wrote, of an answer that is good."""
    assert reply.status == 200, reply.text
    return reply.body["output"]


def model_says(proxy: Proxy, *texts: str) -> None:
    """Let the model's next answers be these texts."""
    proxy.world.provider.script(ASK, *(completion(text) for text in texts))


def sent(proxy: Proxy) -> dict[str, Any]:
    """The body of the newest request to the model."""
    requests = [one for one in proxy.world.provider.requests if one.url.path.endswith(ASK)]
    body: dict[str, Any] = json.loads(requests[-1].content)
    return body
