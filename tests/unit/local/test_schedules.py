"""Scheduled functions get the events of EventBridge."""

from datetime import UTC, datetime

from local.resources import Timer
from local.schedules import scheduled_event

NOW = datetime(2026, 1, 2, 3, 4, 5, 678, tzinfo=UTC)


def _timer(source: str, text: str | None = None) -> Timer:
    return Timer(name="Tick", function="F", every_s=60, event_source=source, input_text=text)


def test_the_scheduler_sends_its_event() -> None:
    event = scheduled_event(_timer("aws.scheduler"), NOW)

    assert len(event.pop("id")) == 36
    assert event == {
        "version": "0",
        "detail-type": "Scheduled Event",
        "source": "aws.scheduler",
        "account": "000000000000",
        "time": "2026-01-02T03:04:05Z",
        "region": "us-east-1",
        "resources": ["arn:aws:scheduler:us-east-1:000000000000:schedule/default/Tick"],
        "detail": "{}",
    }


def test_a_rule_sends_its_event() -> None:
    event = scheduled_event(_timer("aws.events"), NOW)

    assert (event["source"], event["detail"]) == ("aws.events", {})


def test_a_stated_input_is_the_whole_event() -> None:
    assert scheduled_event(_timer("aws.scheduler", '{"deep": true}'), NOW) == {"deep": True}
