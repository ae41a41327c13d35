"""How often bookings are taken: from one address, and in all, in an hour."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from greenroom.kernel.limits import Limits
from tests.widgets import ADDRESS, WidgetSite
from tests.world import World

PER_ADDRESS = Limits().widget_per_address


@pytest.fixture
def site(world: World) -> WidgetSite:
    return WidgetSite(world)


def test_of_500_posts_from_one_address_exactly_the_limit_become_leads(site: WidgetSite) -> None:
    class_id = site.make_class()

    def post(number: int) -> int:
        return site.book(class_id, f"visitor{number}@example.com").status

    with ThreadPoolExecutor(16) as threads:
        statuses = list(threads.map(post, range(500)))

    assert sorted(statuses) == [201] * PER_ADDRESS + [429] * (500 - PER_ADDRESS)
    assert len(site.rows("booking")) == len(site.rows("studio_customer")) == PER_ADDRESS
    (mine,) = [row for row in site.rows("rate") if "#all#" not in row["PK"]["S"]]
    assert mine["asked"]["N"] == str(PER_ADDRESS)
    assert int(mine["ttl"]["N"]) > site.world.clock().timestamp()


def test_whoever_comes_too_often_is_told_when_the_next_hour_begins(site: WidgetSite) -> None:
    class_id = site.make_class()
    site.world.clock.now = site.world.clock().replace(minute=30)
    for number in range(PER_ADDRESS):
        assert site.book(class_id, f"v{number}@example.com").status == 201

    refused = site.book(class_id, "late@example.com")

    assert (refused.status, refused.code) == (429, "RATE_LIMITED")
    assert refused.headers["Retry-After"] == "1800"
    assert site.book(class_id, "late@example.com", address="203.0.113.8").status == 201
    site.world.clock.move(1800)
    assert site.book(class_id, "later@example.com").status == 201


def test_a_refused_booking_counts_as_well(site: WidgetSite) -> None:
    class_id = site.make_class()
    for _ in range(PER_ADDRESS):
        site.book(class_id)

    assert site.book(class_id).status == 429


def test_a_studio_takes_so_many_from_everywhere(make_world: Callable[..., World]) -> None:
    site = WidgetSite(make_world(WIDGET_PER_ORGANIZATION="3", WIDGET_PER_ADDRESS="2"))
    other = WidgetSite(site.world)
    class_id = site.make_class()

    statuses = [
        site.book(class_id, f"v{n}@example.com", address=f"203.0.113.{n}").status for n in range(5)
    ]

    assert statuses == [201, 201, 201, 429, 429]
    assert other.book(other.make_class(), address="203.0.113.0").status == 201
    assert len(site.rows("booking")) == 3


def test_who_is_over_their_own_limit_takes_nothing_of_the_studios(
    make_world: Callable[..., World],
) -> None:
    site = WidgetSite(make_world(WIDGET_PER_ORGANIZATION="4", WIDGET_PER_ADDRESS="2"))
    class_id = site.make_class()
    for number in range(20):
        site.book(class_id, f"v{number}@example.com", address=ADDRESS)

    assert site.book(class_id, "honest@example.com", address="198.51.100.1").status == 201


def test_a_household_shares_its_allowance(site: WidgetSite) -> None:
    class_id = site.make_class()
    for number in range(PER_ADDRESS):
        address = f"2001:db8:1:2::{number:x}"
        assert site.book(class_id, f"v{number}@example.com", address=address).status == 201

    assert site.book(class_id, "x@example.com", address="2001:db8:1:2:ffff::1").status == 429
    assert site.book(class_id, "x@example.com", address="2001:db8:1:3::1").status == 201


def test_looking_and_cancelling_are_not_counted(site: WidgetSite) -> None:
    class_id = site.make_class()
    token = site.booked(class_id)
    for _ in range(PER_ADDRESS + 5):
        assert site.call("GET /schedule").status == 200
        assert site.call(f"POST /bookings/{token}/cancel").status == 200


def test_16_visitors_with_one_e_mail_make_one_lead(make_world: Callable[..., World]) -> None:
    site = WidgetSite(make_world(WIDGET_PER_ADDRESS="100"))
    classes = [site.make_class(in_hours=24 + 2 * number) for number in range(16)]

    with ThreadPoolExecutor(16) as threads:
        replies = list(threads.map(site.book, classes))

    assert [reply.status for reply in replies] == [201] * 16, [one.text for one in replies]
    assert len(site.rows("studio_customer")) == len(site.rows("customer_email")) == 1
    assert len(site.rows("booking")) == 16


def test_16_posts_of_one_wish_make_one_booking(make_world: Callable[..., World]) -> None:
    site = WidgetSite(make_world(WIDGET_PER_ADDRESS="100"))
    class_id = site.make_class()

    with ThreadPoolExecutor(16) as threads:
        replies = list(threads.map(lambda _: site.book(class_id, wish="w1"), range(16)))

    assert [reply.status for reply in replies] == [201] * 16, [one.text for one in replies]
    assert len({reply.body["manageToken"] for reply in replies}) == 1
    assert len(site.rows("booking")) == len(site.rows("studio_customer")) == 1
