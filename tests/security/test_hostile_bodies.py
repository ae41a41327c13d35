"""Bodies made from the shapes themselves: what is ours, what is too much, what is too deep."""

from typing import Any

from greenroom.web.route import Route
from tests.figures import Figure
from tests.functions.edge import each, path_of
from tests.proxies import Proxy
from tests.security.bodies import (
    Place,
    bounds,
    objects,
    stored_names,
    with_member,
    with_members,
)
from tests.world import Person, Reply, World

OUT_OF_BOUNDS = {
    *("string_too_long", "string_too_short", "too_long", "too_short"),
    *("less_than_equal", "greater_than_equal"),
}
OURS: Any = "server's"
NAMES_AT_ONCE = 15  # an answer tells twenty errors, also of what is missing


def lasting(world: World) -> list[dict[str, Any]]:
    """What is stored, apart from counts of visits."""
    return [row for row in world.rows() if row["kind"]["S"] != "rate"]


def told(reply: Reply) -> list[dict[str, str]]:
    """The faults that a refusal names."""
    found: list[dict[str, str]] = reply.body["errors"] if reply.status == 422 else []
    return found


def faults_of(reply: Reply, place: Place) -> set[str]:
    """The kinds of the faults that a refusal finds in one member."""

    def is_there(field: str) -> bool:
        """Also where one of several shapes is named between its parts."""
        parts = iter(field.split("."))
        return all(name in parts for name in place)

    return {one["type"] for one in told(reply) if is_there(one["field"])}


@each(lambda route: route.body and not route.loose)
def test_nothing_that_is_ours_can_be_sent(
    edge: World, ada: Person, figure: Figure, route: Route
) -> None:
    """The name of each stored attribute, in each object of the body: refused by name."""
    ada.credits()
    before, wrong, count = lasting(edge), [], 0
    for place, theirs in objects(route).items():
        foreign = [name for name in stored_names() if name not in theirs]
        # Of an object that may be one of several, each tells of every name.
        step = 5 if place else NAMES_AT_ONCE
        for start in range(0, len(foreign), step):
            names = foreign[start : start + step]
            body = with_members(route, place, dict.fromkeys(names, OURS))
            reply = ada.call(path_of(route), body)
            named = {one["field"].rpartition(".")[2] for one in told(reply)}
            wrong += [(place, name, reply.status) for name in names if name not in named]
            count += len(names)

    figure("hostile input", "members that are the server's", good=count - len(wrong), of=count)
    assert wrong == []
    assert lasting(edge) == before


def test_what_the_proxy_keeps_of_unknown_members_decides_nothing(
    world: World, figure: Figure
) -> None:
    """Its bodies are kept whole, for the log: none of it passes for a fact of ours."""
    proxy = Proxy(world)
    before = proxy.person.credits()
    known = {"tenant", "input", "schema", "metadata", "organizationId", "organization_id"}
    known |= {"serviceType", "service_type", "output_schema", "aiServiceId", "ai_service_id"}
    names = [name for name in stored_names() if name not in known]

    body = proxy.body() | dict.fromkeys(names, OURS)
    reply = proxy.person.call("POST /api/ai/generate", body)

    assert reply.status == 200, reply.text
    (row,) = proxy.rows()
    kept = row["metadata"]
    changed = [name for name in names if name != "metadata" and row.get(name) == OURS]
    figure(
        "hostile input",
        "members that the proxy keeps aside",
        good=len(names) - len(changed),
        of=len(names),
    )
    assert changed == []
    assert {name: kept.get(name) for name in names} == dict.fromkeys(names, OURS)
    assert (proxy.person.credits(), proxy.used) == (before, 1)
    proxy.audit()


@each(lambda route: route.body)
def test_a_limit_holds_to_the_character(
    edge: World, ada: Person, figure: Figure, route: Route
) -> None:
    """Of each member with a limit: the last value inside is no fault of it, the next one is."""
    good, wrong, of = 0, [], 0
    for bound in bounds(route):
        inside, outside = (
            ada.call(path_of(route), with_member(route, bound.place, value))
            for value in (bound.inside, bound.outside)
        )
        refused = outside.status == 413 or bool(faults_of(outside, bound.place))
        sound = refused and not faults_of(inside, bound.place) & OUT_OF_BOUNDS
        of += 1
        good += sound
        if not sound:
            wrong.append((bound.place, bound.rule, inside.text[:300], outside.text[:300]))

    figure("hostile input", "limits of members", good=good, of=of)
    assert wrong == []


@each(lambda route: route.body or "/webhooks/" in route.path)
def test_depth_is_refused_before_it_is_followed(
    edge: World, ada: Person, figure: Figure, route: Route
) -> None:
    """200,000 brackets, or as many as the body may have; at every route, whatever it reads."""
    deepest = min(200_000, route.body_max if route.body else 200_000)
    names = sorted(objects(route)[()]) if route.body else ["a"]
    bombs = ["[" * deepest, "[" * (deepest // 2) + "]" * (deepest // 2)]
    bombs += ['{"a":' * (deepest // 5), f'{{"{names[0]}":' + "[" * (deepest - 100)]
    bombs += [f'{{"{name}":' + "[" * 2_000 + "]" * 2_000 + "}" for name in names]
    replies = [ada.call(path_of(route), bomb) for bomb in bombs]

    good = sum(reply.status in {400, 413, 422} for reply in replies)
    figure("hostile input", "brackets", good=good, of=len(bombs))
    assert good == len(bombs), [(one.status, one.text[:200]) for one in replies]
