"""Rules of the modules under classes, in a browser without a back end."""

from typing import Any

import pytest
from playwright.sync_api import Browser, Page


def run(page: Page, module: str, script: str, given: Any = None) -> Any:
    """The answer of ``script`` with the module's exports as ``m``."""
    return page.evaluate(
        f"""async (given) => {{
              const m = await import("/js/{module}.js");
              {script}
            }}""",
        given,
    )


@pytest.mark.parametrize(
    ("wall", "zone", "moment"),
    [
        ("2026-12-03T18:00", "Europe/Berlin", "2026-12-03T17:00:00.000Z"),
        ("2026-07-03T18:00", "Europe/Berlin", "2026-07-03T16:00:00.000Z"),
        ("2026-12-03T18:00", "America/New_York", "2026-12-03T23:00:00.000Z"),
        ("2026-12-03T18:00", "Asia/Kathmandu", "2026-12-03T12:15:00.000Z"),
        ("2026-12-03T18:00", "No/Such_Zone", "2026-12-03T18:00:00.000Z"),
        # Clocks go back at 3:00 that night: of the two half past two, the first.
        ("2026-10-25T02:30", "Europe/Berlin", "2026-10-25T00:30:00.000Z"),
        ("2026-10-25T03:30", "Europe/Berlin", "2026-10-25T02:30:00.000Z"),
        # Clocks go from 2:00 to 3:00 that night.
        ("2026-03-29T02:30", "Europe/Berlin", None),
        ("2026-03-29T03:30", "Europe/Berlin", "2026-03-29T01:30:00.000Z"),
        ("", "UTC", None),
        ("soon", "UTC", None),
    ],
)
def test_a_time_on_the_studios_clock_is_the_moment_it_means(
    modules: Page, wall: str, zone: str, moment: str | None
) -> None:
    """Whatever the clocks do there that night."""
    found = run(modules, "zone", "return m.momentOf(given[0], given[1]);", [wall, zone])

    assert found == moment
    if moment and zone != "No/Such_Zone":
        assert (
            run(modules, "zone", "return m.wallTime(given[0], given[1]);", [moment, zone]) == wall
        )


def test_months_follow_each_other_over_the_year(modules: Page) -> None:
    """And only what is a month is one."""
    found = run(
        modules, "zone",
        """return [m.addMonths("2026-12", 1), m.addMonths("2027-01", -1), m.monthWords("2026-12"),
             ["2026-12", "2026-13", "2026-1", "", null].map(m.isMonth)];""",
    )  # fmt: skip

    assert found == [
        "2027-01", "2026-12", "December 2026", [True, False, False, False, False],
    ]  # fmt: skip


def in_zone(browser: Browser, files: str, zone: str, script: str) -> Any:
    """The answer of ``script`` in a browser of that time zone."""
    context = browser.new_context(timezone_id=zone)
    try:
        page = context.new_page()
        page.goto(f"{files}/icon.svg")
        return run(page, "zone", script)
    finally:
        context.close()


def test_the_studios_clock_is_named_only_where_it_shows_another_time(
    browser: Browser, files: str
) -> None:
    """With the day where that differs, too; two zones with one clock need no words."""
    script = """
      const span = { startsAt: "2031-12-04T02:00:00Z", endsAt: "2031-12-04T03:00:00Z" };
      return [m.whenWords(span), m.thereWords(span, "America/New_York"),
              m.thereWords(span, "Europe/Paris"), m.thereWords(span, "Asia/Tokyo")];
    """
    assert in_zone(browser, files, "Europe/Berlin", script) == [
        "Thu 4 Dec 2031, 03:00–04:00", "Wed 3 Dec 2031, 21:00–22:00 in New York", None,
        "11:00–12:00 in Tokyo",
    ]  # fmt: skip


def test_a_month_is_the_readers_own(browser: Browser, files: str) -> None:
    """The API's months are those of UTC: both that a month touches are asked for."""
    context = browser.new_context(timezone_id="America/New_York")
    page = context.new_page()
    asked: list[str] = []

    def month(route: Any) -> None:
        asked.append(route.request.url.rsplit("month=", 1)[1])
        days = {"2026-12": ["01T03", "31T20"], "2027-01": ["01T02", "01T20"]}[asked[-1]]
        items = [{"startsAt": f"{asked[-1]}-{each}:00:00Z"} for each in days]
        route.fulfill(json={"items": items})

    page.route("**/api/**", month)
    page.goto(f"{files}/icon.svg")

    found = run(page, "studio", """return (await m.classesOf("o", "2026-12"))
      .map(({ startsAt }) => startsAt);""")  # fmt: skip
    context.close()

    assert sorted(asked) == ["2026-12", "2027-01"]
    # The evening of 30 November there is December in UTC, and New Year's Eve is January.
    assert found == ["2026-12-31T20:00:00Z", "2027-01-01T02:00:00Z"]


@pytest.mark.parametrize(
    ("text", "currency", "amount"),
    [
        ("15", "usd", 1500), ("15.5", "usd", 1550), ("15,50", "eur", 1550), (" 0 ", "usd", 0),
        ("1500", "jpy", 1500), ("15.5", "jpy", None), ("1.234", "kwd", 1234),
        ("15.555", "usd", None), ("-1", "usd", None), ("", "usd", None), ("1e3", "usd", None),
        ("12", "no such", 1200),
    ],
)  # fmt: skip
def test_an_amount_is_read_as_its_currency_counts(
    modules: Page, text: str, currency: str, amount: int | None
) -> None:
    """Nothing is rounded, and what is no amount is none."""
    assert run(modules, "format", "return m.amountIn(...given);", [text, currency]) == amount


def test_an_amount_in_a_field_is_read_back_as_it_was(modules: Page) -> None:
    """Also where a currency has no decimals, or three."""
    found = run(
        modules, "format",
        """return [[1550, "usd"], [0, "usd"], [1500, "jpy"], [1234, "kwd"]].map(([n, c]) =>
             [m.plainAmount(n, c), m.amountIn(m.plainAmount(n, c), c)]);""",
    )  # fmt: skip

    assert found == [["15.50", 1550], ["0.00", 0], ["1500", 1500], ["1.234", 1234]]


CANCELS: dict[str, tuple[dict[str, Any], bool, str]] = {
    "a package, in time": ({"consumed": {"kind": "package"}}, False,
                           "The use of the package is given back."),
    "a membership, late": ({"consumed": {"kind": "membership"}}, True,
                           "The use of the membership is not given back."),
    "a card, in time": ({"paymentStatus": "paid", "purchaseId": "p"}, False,
                        "US$15.00 go back the way they were paid."),
    "a card, late": ({"paymentStatus": "paid", "purchaseId": "p"}, True,
                     "What was paid is not given back."),
    "at the studio, paid": ({"paymentStatus": "paid"}, False, "which gives them back."),
    "at the studio, open, in time": ({"paymentStatus": "pending"}, False,
                                     "Nothing was paid, and nothing is owed."),
    "at the studio, open, late": ({"paymentStatus": "pending"}, True,
                                  "The price, US$15.00, stays to pay."),
    "a fee": ({"consumed": {"kind": "package"}, "lateCancelFeeCents": 500}, True,
              "A fee of US$5.00 is noted."),
    "a place": ({"bookingStatus": "waitlisted"}, False, "Nothing was paid."),
    "an offer": ({"bookingStatus": "offered"}, False, "goes to the next who waits"),
    "a hold after the time": ({"bookingStatus": "pending", "late": True}, False,
                              "The seat becomes free."),
}  # fmt: skip


@pytest.mark.parametrize("name", CANCELS)
def test_what_a_cancellation_gives_back_is_said_before(modules: Page, name: str) -> None:
    """Whether it is in time, and what becomes of what was paid."""
    change, late, words = CANCELS[name]
    given = {
        "bookingStatus": "confirmed", "paymentStatus": "covered", "consumed": None,
        "amountCents": 1500, "currency": "usd", "lateCancelFeeCents": 0, "purchaseId": None,
        "lateCancelAt": "2030-01-01T00:00:00Z", **change,
    }  # fmt: skip
    past = late or change.get("late", False)
    now = "2030-01-01T00:00:00Z" if past else "2029-12-31T23:59:59Z"

    found = run(
        modules, "booking-words",
        "return m.cancelWords(given[0], { now: Date.parse(given[1]) });", [given, now],
    )  # fmt: skip

    assert found["late"] is late
    assert words in found["text"]
    assert ("late" in found["title"].lower()) == late


def test_every_reason_against_a_pass_has_words(modules: Page) -> None:
    """All of them at once; a code that is new is told as it is."""
    codes = ["NO_REMAINING_USE", "PASS_EXPIRED", "PASS_NOT_YET_VALID", "PASS_INACTIVE",
             "PASS_NOT_FOR_CLASS", "PREPAYMENT_REQUIRED", "SOMETHING_NEW"]  # fmt: skip
    found = run(modules, "booking-words", "return m.whyNot({ reasons: given });", codes)

    assert found == (
        "Cannot be used: no use is left; it ends before the class; it begins after the class; "
        "it is not active; it is not for classes of this type; the studio wants this class paid "
        "in advance: use a pass, or pay by card; SOMETHING_NEW."
    )


def test_a_late_answer_of_a_search_never_replaces_a_newer_one(modules: Page) -> None:
    """Typing waits a moment, and only the last word counts."""
    found = run(
        modules, "settled",
        """
        const left = new AbortController();
        const ran = [];
        const look = m.settled((counts, q) => ran.push([q, counts()]), left.signal);
        look("a");
        look("ab");
        await new Promise((next) => setTimeout(next, 400));
        const slow = m.settled(async (counts, q) => {
          await new Promise((next) => setTimeout(next, q === "old" ? 500 : 0));
          ran.push([q, counts()]);
        }, left.signal);
        slow("old");
        await new Promise((next) => setTimeout(next, 350));
        slow("new");
        await new Promise((next) => setTimeout(next, 800));
        return ran;
        """,
    )  # fmt: skip

    assert found == [["ab", True], ["new", True], ["old", False]]


@pytest.mark.parametrize(
    ("text", "studio"),
    [
        ("http://x.test/#/classes/join?studio=org_1", "org_1"),
        ("https://x.test/?a=b#/classes/join?studio=cedar-street", "cedar-street"),
        ("  org_1 ", "org_1"),
    ],
)
def test_a_studio_is_found_in_what_was_pasted(modules: Page, text: str, studio: str) -> None:
    """A whole link, or the id alone."""
    assert run(modules, "views/classes-join", "return m.studioIn(given);", text) == studio
