"""A section: what pages and acts cost in a table that grows, as a table and a plot.

The growth is 10, 10,000 and a million rows beside those that fill a page of each list; a test
does it with 10 and 10,000 (tests/counts/test_growth.py).
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from benchmarks.counting import Cost, as_deployed, cost
from benchmarks.page import ROOT
from benchmarks.plot import Line, plot
from benchmarks.rows import LISTS, Row, copies, grown
from benchmarks.worlds import a_world
from tests.expertise import expert, session_of
from tests.practice import saved
from tests.proxies import Proxy
from tests.studios import Class, Studio
from tests.world import Person, Reply, World

TITLE: Final = "Growth"
SIZES: Final = (10, 10_000, 1_000_000)
SETTINGS: Final = {"EXPERT_SIGNUP": "open"}
PLOT: Final = ROOT / "docs" / "growth.svg"
PAGE_ROWS: Final = 1_100 * LISTS
"""Rows that are always there: more than a page, a look at the queue, or a month's 500 classes."""

TEXT: Final = """\
Does a page cost more when there is more behind it? The same acts, each from a new container, with
so many rows in the table beside those that fill a page of each list. Half of the rows are in the
very partitions that are read, the others somebody else's: with a million, one person has {own:,}
interviews and as many ledger entries, a studio as many classes in one month, a customer as many
bookings, {other:,} sessions wait in the queue, and {other:,} tenants are in the month's usage.

{table}

Each cell is calls of DynamoDB, read units and write units. None grows, and a test does the same
with 10 and 10,000 rows (tests/counts/test_growth.py). What is read is bounded: a page, 25 of each
of the eight shards of the queue, 500 classes of a month. A look at the queue also moves up to five
waiting sessions on. The rows are copies of real ones (benchmarks/rows.py), imported into a file by
the engine's own command, which takes minutes for a million.

![Calls of DynamoDB by rows in the table: all lines are flat](growth.svg)

By `python -m benchmarks growth`."""


@dataclass(frozen=True)
class Scene:
    """Who acts, in a table that has grown around them, and its rows at the beginning."""

    rows: Sequence[Row]
    clerk_ids: Mapping[str, str]
    studio: Studio
    class_id: str
    client: Mapping[str, str]

    def acts(self, world: World) -> dict[str, Callable[[], Reply]]:
        """What is measured, in that world."""
        ada, eve, boss = (world.person(self.clerk_ids[who]) for who in ("ada", "eve", "boss"))
        claims = self.studio.admin.claims
        admin = Person(world, self.studio.admin.clerk_id, **claims)
        home = self.studio.home
        wish = {"classSessionId": self.class_id, **self.client}
        return {
            "history page": lambda: ada.call("GET /api/interviews"),
            "start": lambda: ada.start({"jobTitle": "Welder"}),
            "queue page": lambda: eve.call("GET /api/queue"),
            "schedule page": lambda: admin.call(f"GET {home}/classes?month=2026-11"),
            "booking": lambda: admin.call(f"POST {home}/bookings", wish),
            "admin usage": lambda: boss.call("GET /api/admin/usage?from=2026-11-01&to=2026-11-30"),
            "admin usage by tenant": lambda: boss.call(
                "GET /api/admin/usage?from=2026-11-01&to=2026-11-30&by=tenant"
            ),
        }


def make_scene(world: World) -> Scene:
    """People and a studio, by the real handlers, and the rows that they leave."""
    ada, bob, boss = world.person(), world.person(), world.person("user_admin")
    for person in (ada, bob, boss):
        person.credits()
    saved(world, ada)
    world.feedback()
    eve = expert(world)
    session_of(bob)
    studio = Studio(world)
    studio.admin.credits()
    held: Class = studio.hold_class(capacity=500)
    assert held.book(studio.customer()).status == 201
    client = {"clientId": studio.customer().ref.customer_id}
    assert Proxy(world).generate().status == 200
    people = {"ada": ada.clerk_id, "eve": eve.clerk_id, "boss": boss.clerk_id}
    return Scene(world.rows(), people, studio, held.class_session_id, client)


def measure(scene: Scene, world: World) -> dict[str, Cost]:
    """What each act costs in that world, each from new containers."""
    return {name: _cost(world, name, act) for name, act in scene.acts(world).items()}


def _cost(world: World, name: str, act: Callable[[], Reply]) -> Cost:
    world.rewire()
    replies: list[Reply] = []
    found = cost(name, lambda: replies.append(act()))
    assert replies[0].status in {200, 201}, replies[0].text
    return found


@contextmanager
def measured(sizes: Sequence[int], say: Callable[[str], None]) -> Iterator[list[dict[str, Cost]]]:
    """What each act costs with so many rows more, in the order of the sizes."""
    with as_deployed(), a_world(**SETTINGS) as first:
        scene = make_scene(first)
        found = []
        for size in sizes:
            say(f"{size:,} rows")
            rows = chain(scene.rows, copies(scene.rows, PAGE_ROWS + size))
            with (
                TemporaryDirectory() as folder,
                grown(first.template, rows, folder=Path(folder), **SETTINGS) as world,
            ):
                found.append(measure(scene, world))
        yield found


def section(say: Callable[[str], None]) -> str:
    """Let the table grow, and draw what that costs."""
    with measured(SIZES, say) as costs:
        PLOT.write_text(drawing(costs), encoding="utf-8")
        return TEXT.format(
            own=SIZES[-1] // LISTS // 2, other=SIZES[-1] // LISTS, table=table(costs)
        )


def table(costs: Sequence[Mapping[str, Cost]]) -> str:
    """Every act with its cost at every size."""
    heads = "".join(f" {size:,} more rows |" for size in SIZES)
    lines = [f"| |{heads}", "|---" * (len(SIZES) + 1) + "|"]
    lines += [row(name, [one[name] for one in costs]) for name in costs[0]]
    return "\n".join(lines)


def row(name: str, costs: Sequence[Cost]) -> str:
    """One act's row."""
    cells = (f"{one.round_trips}, {one.read_units:g}, {one.write_units:g}" for one in costs)
    return f"| {name} | " + " | ".join(cells) + " |"


def drawing(costs: Sequence[Mapping[str, Cost]]) -> str:
    """The round trips of every act by size, as SVG."""
    lines = [Line(name, [one[name].round_trips for one in costs]) for name in costs[0]]
    places = [f"{size:,}" for size in SIZES]
    return plot("Calls of DynamoDB by rows in the table", places, lines, below="rows")
