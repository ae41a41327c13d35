"""Imports point one way: functions -> rooms -> kernel, and one file for each outside library.

The rules are those of the layout in the README. A module is known by its file name: a room
has ``domain``, use cases (``USE_CASES``), a store (``STORES``) and wire shapes (``SHAPES``); a file
that imports an outside library is an adapter; everything else is pure, like the domain.
"""

import ast
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "layers" / "greenroom" / "greenroom"
FOUNDATIONS = {"kernel", "table", "web"}

# Which outside libraries a foundation stands on; a room's files have theirs below.
OUTSIDE = {
    "kernel": set(),
    "kernel.log": {"aws_lambda_powertools"},
    "kernel.metrics": {"aws_lambda_powertools"},
    "kernel.monitor": {"sentry_sdk"},
    "kernel.queue": {"boto3", "botocore"},
    "kernel.secrets": {"boto3", "botocore"},
    "kernel.trust": {"certifi"},
    "table": {"pynamodb", "botocore"},
    "web": {"pydantic", "aws_lambda_powertools"},
}
USE_CASES = {
    "access",
    "adjusting",
    "allowances",
    "assigning",
    "attendance",
    "billing",
    "calls",
    "chat",
    "checkout",
    "clawback",
    "classes",
    "clerk_sync",
    "closing",
    "confirming",
    "crashes",
    "conversion",
    "converting",
    "desk",
    "directory",
    "effect_booking",
    "effect_session",
    "effects",
    "erasure",
    "export",
    "factory",
    "finding",
    "fulfilment",
    "joining",
    "meter",
    "log",
    "logbook",
    "payers",
    "invariants",
    "issuing",
    "paying",
    "person",
    "purchases",
    "quotas",
    "record",
    "redriving",
    "reporting",
    "router",
    "rows",
    "seeing",
    "service",
    "settling",
    "story",
    "subscriptions",
    "sweeper",
    "tracing",
    "trail",
    "troubles",
    "vacating",
    "verifying",
    "webhook",
    "worker",
}
STORES = {
    "allowance_store",
    "assignment_items",
    "billing_items",
    "billing_store",
    "booking_items",
    "booking_store",
    "changes",
    "chat_items",
    "class_items",
    "conversion_store",
    "directory_reads",
    "conditions",
    "forgetting",
    "invariant_reads",
    "items",
    "links",
    "log_forgetting",
    "log_items",
    "log_reads",
    "log_store",
    "mark_store",
    "postings",
    "quota_items",
    "quota_steps",
    "quota_store",
    "reads",
    "rollups",
    "seat_store",
    "store",
    "story_reads",
    "takings_items",
    "takings_store",
    "trail_store",
    "usage_reads",
    "uses",
}
SHAPES = {
    "class_routes",
    "exam_schema",
    "log_routes",
    "log_schema",
    "log_view",
    "routes",
    "schema",
    "structured_schema",
    "view",
    "quota_schema",
    "quota_view",
}
IMPURE = USE_CASES | STORES
SHARED = {"pydantic"}  # schemas are written in it, and whoever refuses a shape catches its error


@dataclass(frozen=True)
class Module:
    """One file and the absolute names that it imports, at its top or anywhere inside."""

    name: str  # accounts.store, kernel.clock, wiring.core
    imports: frozenset[str]

    @property
    def room(self) -> str:
        return self.name.partition(".")[0]

    @property
    def file(self) -> str:
        return self.name.rpartition(".")[2]

    @property
    def ours(self) -> frozenset[str]:
        """Modules of our package, without its name."""
        prefix = "greenroom."
        return frozenset(n.removeprefix(prefix) for n in self.imports if n.startswith(prefix))

    @property
    def outside(self) -> frozenset[str]:
        """Libraries that are neither ours nor Python's."""
        tops = {name.partition(".")[0] for name in self.imports}
        return frozenset(tops - sys.stdlib_module_names - {"greenroom", "functions", "local"})

    @property
    def adapts(self) -> frozenset[str]:
        return self.outside - SHARED - {"pynamodb"}


def imported_names(source: str, *, exists: frozenset[str] = frozenset()) -> Iterator[str]:
    """Every module that a source imports; ``from package import module`` names the module."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            assert node.module is not None
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                yield inner if inner in exists else node.module


@cache
def modules() -> tuple[Module, ...]:
    files = {
        ".".join(path.relative_to(PACKAGE).with_suffix("").parts).removesuffix(".__init__"): path
        for path in sorted(PACKAGE.rglob("*.py"))
        if path != PACKAGE / "__init__.py"
    }
    exists = frozenset(f"greenroom.{name}" for name in files)
    return tuple(
        Module(name, frozenset(imported_names(path.read_text(), exists=exists)))
        for name, path in files.items()
    )


def by_name() -> dict[str, Module]:
    return {module.name: module for module in modules()}


def in_rooms() -> list[Module]:
    return [m for m in modules() if m.room not in FOUNDATIONS | {"wiring"}]


def imports_of(module: Module, files: set[str]) -> set[str]:
    return {name for name in module.ours if name.rpartition(".")[2] in files}


def each(chosen: list[Module]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("module", chosen, ids=lambda module: module.name)


@each([m for m in modules() if m.room in FOUNDATIONS])
def test_a_foundation_knows_no_room_and_only_its_own_libraries(module: Module) -> None:
    below = {"kernel": {"kernel"}, "table": {"kernel", "table"}, "web": {"kernel", "web"}}
    beyond = {name for name in module.ours if name.partition(".")[0] not in below[module.room]}

    # The edge hands on who calls: the one word of a room that it knows.
    assert beyond <= ({"accounts.identity"} if module.room == "web" else set())
    assert module.outside <= OUTSIDE[module.room] | OUTSIDE.get(module.name, set())


@each(in_rooms())
def test_only_stores_speak_pynamodb_and_only_the_edge_speaks_powertools(module: Module) -> None:
    assert module.file in STORES or "pynamodb" not in module.outside
    assert "aws_lambda_powertools" not in module.outside


@each([m for m in in_rooms() if m.adapts])
def test_an_adapter_knows_its_library_the_kernel_and_the_pure_files_of_its_room(
    module: Module,
) -> None:
    others = {name for name in module.ours if name.partition(".")[0] not in {"kernel", module.room}}

    assert not others
    assert not imports_of(module, IMPURE)


@each([m for m in modules() if m.room != "wiring"])
def test_only_wiring_and_other_adapters_of_the_room_import_an_adapter(module: Module) -> None:
    known = by_name()
    used = [known[name] for name in module.ours if name in known]
    adapters = [m for m in used if m.adapts and m.room not in FOUNDATIONS]

    assert all(m.room == module.room and module.adapts for m in adapters)


@each([m for m in in_rooms() if not m.adapts and m.file not in IMPURE | SHAPES])
def test_a_pure_file_knows_the_kernel_and_pure_files(module: Module) -> None:
    assert module.outside <= SHARED
    assert not imports_of(module, IMPURE)
    assert not {name for name in module.ours if name.partition(".")[0] in {"table", "web"}}


@each([m for m in in_rooms() if m.file in SHAPES])
def test_wire_shapes_know_pure_files_and_a_view_the_results_of_its_service(
    module: Module,
) -> None:
    results = {f"{module.room}.service"} if module.file == "view" else set()

    assert module.outside <= SHARED
    assert imports_of(module, IMPURE) <= results


@each(in_rooms())
def test_no_file_imports_the_store_of_another_room(module: Module) -> None:
    assert {name.partition(".")[0] for name in imports_of(module, STORES)} <= {module.room}


@each(in_rooms())
def test_no_room_imports_wiring(module: Module) -> None:
    assert "wiring" not in {name.partition(".")[0] for name in module.ours}


@pytest.mark.parametrize("path", sorted(PACKAGE.glob("wiring/*.py")), ids=lambda path: path.stem)
def test_wiring_starts_with_people_alone_and_imports_the_other_rooms_when_asked(path: Path) -> None:
    """What stands at the top of a file is part of every function's cold start."""
    top = [node for node in ast.parse(path.read_text()).body if isinstance(node, ast.ImportFrom)]
    ours = {(node.module or "").partition("greenroom.")[2] for node in top} - {""}

    assert {name.partition(".")[0] for name in ours} <= {"accounts", "kernel", "table", "wiring"}


def test_rooms_depend_on_each_other_without_a_cycle() -> None:
    graph: dict[str, set[str]] = {}
    for module in in_rooms():
        rooms = {name.partition(".")[0] for name in module.ours} - FOUNDATIONS - {module.room}
        graph.setdefault(module.room, set()).update(rooms)

    try:
        TopologicalSorter(graph).prepare()
    except CycleError as cycle:
        pytest.fail(f"rooms import each other: {cycle.args[1]}")


@pytest.mark.parametrize("path", sorted(ROOT.glob("functions/*/*.py")), ids=lambda p: p.parent.name)
def test_a_function_knows_wiring_the_edge_and_the_services_and_schemas_of_rooms(
    path: Path,
) -> None:
    exists = frozenset(f"greenroom.{name}" for name in by_name())
    module = Module(path.parent.name, frozenset(imported_names(path.read_text(), exists=exists)))

    assert module.outside <= SHARED | {"aws_lambda_powertools"}
    for name in module.ours:
        top, _, rest = name.partition(".")
        known = name == "wiring" or top in {"web", "kernel"}
        assert known or rest in {"service", "domain", "access", "principal"} | SHAPES


@pytest.mark.parametrize(
    "path",
    sorted(ROOT.glob("local/**/*.py")),
    ids=lambda path: path.relative_to(ROOT).as_posix(),
)
def test_the_laptop_cloud_knows_nothing_of_the_product(path: Path) -> None:
    tops = {name.partition(".")[0] for name in imported_names(path.read_text())}

    assert not tops & {"greenroom", "functions", "tests"}
