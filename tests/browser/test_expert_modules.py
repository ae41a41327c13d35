"""Rules of the modules under expert sessions, in a browser without a back end."""

from typing import Any

import pytest
from playwright.sync_api import Page


def test_one_intention_keeps_its_key_until_it_is_done(modules: Page) -> None:
    """The same words go out under the same key, other words and the next time under another."""
    keys = modules.evaluate(
        """async () => {
          const { intention } = await import("/js/intention.js");
          sessionStorage.clear();
          const sending = intention("test");
          const first = sending.keyFor({ a: 1 });
          const again = intention("test").keyFor({ a: 1 });
          const other = sending.keyFor({ a: 2 });
          sending.done();
          return [first, again, other, sending.keyFor({ a: 2 })];
        }"""
    )

    assert keys[0] == keys[1]
    assert len(set(keys)) == 3


def test_a_look_that_fails_waits_longer_and_recovers(modules: Page) -> None:
    """The pause doubles while it fails, one look runs at a time, and an abort ends it."""
    modules.clock.install()
    modules.evaluate(
        """async () => {
          const { poll } = await import("/js/polling.js");
          const left = new AbortController();
          Object.assign(window, { looks: 0, told: [], fails: true, left });
          const look = async () => {
            window.looks += 1;
            if (window.fails) throw new Error("no");
          };
          window.poll = poll(look, { everyS: 2, signal: left.signal,
            onTrouble: (problem) => window.told.push(problem?.message ?? null) });
        }"""
    )
    counts: list[int] = []
    for _ in range(3):
        modules.clock.run_for(2000)
        modules.wait_for_timeout(20)
        counts.append(int(modules.evaluate("window.looks")))
    # At 0 s and 4 s, and at 12 s only: the pauses were 4 s and 8 s.
    assert counts == [1, 2, 2]

    modules.evaluate("window.fails = false; window.poll.now()")
    assert modules.evaluate("window.told") == ["no", "no", None]
    modules.evaluate("window.left.abort()")
    looks = modules.evaluate("window.looks")
    modules.clock.run_for(60_000)
    assert modules.evaluate("window.looks") == looks


def test_a_page_that_is_hidden_during_a_look_takes_no_other(modules: Page) -> None:
    """Also a look that was under way plans none that is carried out unseen."""
    modules.clock.install()
    modules.evaluate(
        """async () => {
          const { poll } = await import("/js/polling.js");
          Object.assign(window, { looks: 0, hide: false, go: null });
          Object.defineProperty(document, "hidden", { configurable: true, get: () => window.hide });
          const look = () => {
            window.looks += 1;
            return new Promise((done) => (window.go = done));
          };
          poll(look, { everyS: 2, signal: new AbortController().signal });
          window.hide = true;
          document.dispatchEvent(new Event("visibilitychange"));
          window.go();
        }"""
    )
    modules.wait_for_timeout(20)
    modules.clock.run_for(60_000)
    assert modules.evaluate("window.looks") == 1

    modules.evaluate("window.hide = false; document.dispatchEvent(new Event('visibilitychange'));")
    assert modules.evaluate("window.looks") == 2


@pytest.mark.parametrize(("ahead_s", "left_s"), [(0, 40), (90, -50), (-90, 130), (1, 40)], ids=str)
def test_a_deadline_counts_by_the_clock_of_the_server(
    modules: Page, ahead_s: int, left_s: int
) -> None:
    """A device whose clock is wrong shows the right time that is left."""
    found = modules.evaluate(
        """async (aheadS) => {
          const { noteServerTime, secondsUntil } = await import("/js/servertime.js");
          const date = new Date(Date.now() + aheadS * 1000).toUTCString();
          noteServerTime(new Headers({ Date: date }));
          return secondsUntil(new Date(Date.now() + 40_000).toISOString());
        }""",
        ahead_s,
    )

    assert found == pytest.approx(left_s, abs=1.5)


@pytest.mark.parametrize(
    ("vehicle", "words"),
    [
        ("A red one", "A red one"),
        ({"make": "Volvo", "model": "V60", "year": 2019, "mileageKm": 0, "vin": "X1"},
         "Volvo V60 2019 · 0 km · VIN X1"),
        ({"make": "Volvo", "model": "V60"}, "Volvo V60"),
        (None, None),
    ],
)  # fmt: skip
def test_a_vehicle_is_told_as_a_person_would(
    modules: Page, vehicle: Any, words: str | None
) -> None:
    """Text as it is, an object by what is known of it."""
    found = modules.evaluate(
        """async (vehicle) => {
          const { vehicleWords } = await import("/js/session-words.js");
          return vehicleWords(vehicle);
        }""",
        vehicle,
    )

    assert found == words


def test_only_what_is_asked_for_is_sent(modules: Page) -> None:
    """A workshop or an expert of another way of asking stays out of the body."""
    body = modules.evaluate(
        """async () => {
          const { bodyOf, draft } = await import("/js/intake-draft.js");
          sessionStorage.clear();
          return bodyOf({ ...draft(), plan: "quick", vehicle: "  ", concern: " Hm. ",
                          workshopId: "north-7", preferredMechanicId: "x" });
        }"""
    )

    assert body == {"plan": "quick", "routingType": "broadcast", "concern": "Hm."}


def test_what_one_person_was_shown_is_forgotten_for_the_next(modules: Page) -> None:
    """An ETag of somebody else's list never brings that list back."""
    tags = modules.evaluate(
        """async () => {
          const api = await import("/js/api.js");
          const sent = [];
          window.fetch = async (_address, { headers }) => {
            sent.push(headers["If-None-Match"] ?? null);
            return new Response('{"items": []}', { headers: { ETag: '"1"' } });
          };
          await api.getIfChanged("/queue");
          await api.getIfChanged("/queue");
          api.forgetAnswers();
          await api.getIfChanged("/queue");
          return sent;
        }"""
    )

    assert tags == [None, '"1"', None]
