"""What admins and tenants of the AI proxy ask, what machines tell, and what runs by itself."""

import pytest

from tests.clerk import deletion, message, person_event
from tests.counts.walk import Walk
from tests.proxies import Proxy
from tests.reliability import faults
from tests.reliability.faults import Crash, Fault
from tests.till import Till
from tests.usage_log import Scene, spilled
from tests.world import Person


def ai(walk: Walk) -> None:
    """A call of the proxy, and what tells of it."""
    proxy = Proxy(walk)
    ada, tenant = proxy.person, f"tenantKind={proxy.kind}&tenantId={proxy.tenant_id}"
    ada.credits()
    walk.ask(ada.call, "GET /api/ai/services")
    walk.ask(ada.call, "GET /api/ai/tenants")
    walk.case("the first AI call of a month", proxy.generate, key="first")
    walk.ask(proxy.generate, key="k")
    walk.ask(ada.call, f"GET /api/ai/quota?serviceType=exam_generation&{tenant}")
    walk.ask(ada.call, f"GET /api/ai/logs?{tenant}")
    dies = Fault(kind="crash_before", operation="POST /v1/chat/completions")
    with faults.plan(dies), pytest.raises(Crash):
        proxy.generate(key="under way")
    walk.ask(proxy.cancel, "under way")


def admin(walk: Walk) -> None:
    """What admins look at, and what they change."""
    boss = walk.person("user_admin")
    boss.credits()
    proxy = Proxy(walk)
    proxy.generate()
    ada = walk.person(email="ada@example.com", name="Ada")
    ada.credits()
    person = f"/api/admin/users/{ada.user_id}"
    tenant = f"tenantKind={proxy.kind}&tenantId={proxy.tenant_id}"
    for path in (
        "usage?from=2026-11-01&to=2026-11-21",
        "users?q=ada",
        f"users/{ada.user_id}",
        f"audit?ref={ada.user_id}",
        "invariants",
        "tenants?kind=preschool",
        "trail",
        f"ai/quota?{tenant}",
    ):
        walk.ask(boss.call, f"GET /api/admin/{path}")
    for what in ("errors", "ledger", "purchases", "sessions"):
        walk.ask(boss.call, f"GET {person}/{what}")
    _changes(walk, boss, ada, proxy)


def _changes(walk: Walk, boss: Person, ada: Person, proxy: Proxy) -> None:
    about = {"tenant": proxy.tenant, "serviceType": "exam_generation", "reason": "A larger plan"}
    walk.ask(boss.call, "PUT /api/admin/ai/quota", {**about, "limit": 800})
    walk.ask(boss.call, "POST /api/admin/ai/adjustments", {**about, "units": 50})
    given = {"userId": ada.user_id, "credits": 1.5, "reason": "The call dropped"}
    walk.ask(boss.call, "POST /api/admin/credits", given)


def webhooks(walk: Walk) -> None:
    """What Stripe and Clerk tell: each is done once, and told as often as they like."""
    till, ada = Till(walk), walk.person()
    ada.credits()
    paid = till.paid(till.seed(ada))
    walk.ask(till.deliver, paid)
    walk.case("a webhook of Stripe again", till.deliver, paid)
    bought = till.paid(till.seed(ada, "standard"))
    walk.case("a webhook that opens a paid session", till.deliver, bought)
    news = message(walk, person_event(ada, email="ada@example.com"))
    walk.ask(news.deliver)
    walk.case("a webhook of Clerk again", news.deliver)
    gone = message(walk, deletion(ada))
    walk.case("a person is deleted at Clerk", gone.deliver)


def schedules(walk: Walk) -> None:
    """What runs by itself, with nothing and with something to do."""
    walk.case("sweep with nothing due", walk.sweep)
    walk.case("feedback with nothing due", walk.feedback)
    ada = walk.person()
    assert ada.start({"jobTitle": "Welder"}).status == 201
    walk.clock.move(181)
    walk.case("sweep with one dead start", walk.sweep)
    walk.case("compare the books of one person", walk.invoke, "reconcile", {})
    late = spilled(Scene(walk))
    walk.case("a row of the usage log that comes late", walk.redrive, late)
