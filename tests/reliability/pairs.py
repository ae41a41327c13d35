"""Pairs of acts that may meet, each as a scene and two acts of it, in two containers."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.expertise import accept
from tests.fakes.provider import OFFER
from tests.practice import live, saved, turns
from tests.proxies import Proxy
from tests.reliability.effects import Keep, everything
from tests.reliability.test_booking_crashes import Scene as ClassScene
from tests.reliability.test_erasure_crashes import finish
from tests.reliability.test_expert_crashes import Scene as DeskScene
from tests.reliability.test_fulfilment_crashes import pack, refund
from tests.reliability.use_cases import announced, is_no_orphan
from tests.till import Till, event_of
from tests.world import World

SECOND = OFFER.replace(b"s=-", b"s=second")
CONNECT_WINDOW_S = 181

Act = Callable[[], Any]
Setting = Callable[[World], tuple[Act, Act]]


@dataclass(frozen=True)
class Pair:
    """How a scene is set for two acts, and which of its rows and attributes the order decides."""

    set: Setting
    settings: dict[str, str] = field(default_factory=dict)
    varies: frozenset[str] = frozenset()
    keep: Keep = everything
    after: Callable[[World], None] = lambda _: None
    """What schedules do afterwards, where an act may leave its rest to them."""


def starts(key: str, other: str) -> Setting:
    def setting(world: World) -> tuple[Act, Act]:
        ada = world.person()
        ada.credits()
        return lambda: ada.start(key=key), lambda: ada.start(key=other)

    return setting


def start_and_cancel(world: World) -> tuple[Act, Act]:
    """Somebody cancels the session that stands in the way of their next one."""
    ada = world.person()
    begun = ada.start(key="k1").body["sessionId"]
    return lambda: ada.start(key="k2"), lambda: ada.call(f"POST /api/sessions/{begun}/cancel")


def exchanges(offer: bytes, other: bytes) -> Setting:
    def setting(world: World) -> tuple[Act, Act]:
        ada = world.person()
        begun = ada.start()
        return lambda: ada.exchange(begun, offer), lambda: ada.exchange(begun, other)

    return setting


def exchange_and_sweep(world: World) -> tuple[Act, Act]:
    ada = world.person()
    begun = ada.start()
    world.clock.move(CONNECT_WINDOW_S)
    return lambda: ada.exchange(begun, OFFER), world.sweep


def fulfilments(world: World) -> tuple[Act, Act]:
    """Two events that tell of one checkout."""
    till = Till(world)
    _, _, event = pack(world, till)
    other = event_of(event)
    return lambda: till.deliver(event), lambda: till.deliver(other)


def refund_and_fulfilment(world: World) -> tuple[Act, Act]:
    till = Till(world)
    _, purchase, paid = pack(world, till)
    news = till.about(purchase, refund(world, till)[2])
    return lambda: till.deliver(news), lambda: till.deliver(paid)


def saves(world: World) -> tuple[Act, Act]:
    practice = live(world)
    return lambda: practice.save(turns(6)), lambda: practice.save(turns(6, first=3))


def feedbacks(world: World) -> tuple[Act, Act]:
    """A message and the schedule, or a message that came twice."""
    practice = saved(world)
    return lambda: announced(world, practice), lambda: announced(world, practice)


def accepts(world: World) -> tuple[Act, Act]:
    """A double click of the expert's."""
    scene = DeskScene(world)
    return lambda: accept(scene.bob, scene.offer_id), lambda: accept(scene.bob, scene.offer_id)


def accept_and_cancel(world: World) -> tuple[Act, Act]:
    scene = DeskScene(world)
    return lambda: accept(scene.bob, scene.offer_id), lambda: scene.ada.move("cancel")


def last_seat(world: World) -> tuple[Act, Act]:
    scene = ClassScene(world)
    scene.has_room()
    gil = scene.hall.guest()
    return lambda: scene.hall.book(scene.dan), lambda: scene.hall.book(gil)


def book_and_cancel(world: World) -> tuple[Act, Act]:
    """Dan books as Ada leaves, whose seat goes to the next in the line."""
    scene = ClassScene(world)
    return lambda: scene.books(join_waitlist=True), lambda: scene.hall.cancel(scene.ada)


def book_and_promote(world: World) -> tuple[Act, Act]:
    scene = ClassScene(world)
    scene.offer_is_over()
    return lambda: scene.hall.book(scene.bob), scene.offer_ends


def last_unit(world: World) -> tuple[Act, Act]:
    proxy = Proxy(world)
    return lambda: proxy.generate(key="k1"), lambda: proxy.generate(key="k2")


def deletion_and_start(world: World) -> tuple[Act, Act]:
    ada = world.person()
    ada.credits()
    return lambda: ada.call("DELETE /api/user"), lambda: ada.start(key="k")


def erased(world: World) -> None:
    """The next run of the sweeper, and those of the second round."""
    world.sweep()
    finish(world)


PAIRS: dict[str, Pair] = {
    "start × start, same key": Pair(starts("k1", "k1")),
    "start × start, other keys": Pair(starts("k1", "k2")),
    "start × cancel": Pair(start_and_cancel),
    "exchange × exchange, same offer": Pair(exchanges(OFFER, OFFER)),
    "exchange × exchange, other offers": Pair(exchanges(OFFER, SECOND)),
    "exchange × sweep": Pair(exchange_and_sweep),
    "fulfilment × fulfilment": Pair(fulfilments),
    "refund × fulfilment": Pair(refund_and_fulfilment),
    "save × save": Pair(saves, keep=is_no_orphan),
    "feedback × feedback": Pair(feedbacks),
    "accept × accept": Pair(accepts, settings={"EXPERT_SIGNUP": "open"}),
    "accept × cancel": Pair(accept_and_cancel, settings={"EXPERT_SIGNUP": "open"}),
    "book × book, last seat": Pair(last_seat),
    "book × cancel": Pair(book_and_cancel),
    "book × promote": Pair(book_and_promote),
    "AI × AI, last unit": Pair(last_unit, settings={"AI_TENANT_UNITS": "1"}),
    # A start that is refused while its token is made has not noted the model yet. A deletion that
    # meets a session which changes under its hands tries again later.
    "deletion × start": Pair(
        deletion_and_start, varies=frozenset({"dialect", "model"}), after=erased
    ),
}
