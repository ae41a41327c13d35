"""The parts of the voice peer that need no network: ears, script, settings, sound."""

import asyncio
import itertools
import math
from array import array
from typing import Any

import pytest

from local.standins.openai import voice_speed_of
from local.standins.voice import BadParameter, Session
from local.standins.voice.brief import read_brief
from local.standins.voice.client_events import check_client_event, read_client_event
from local.standins.voice.ears import Ears, TurnEnded, TurnStarted, describe_turn, loudness
from local.standins.voice.interviewer import QUESTIONS, Answer, Interviewer
from local.standins.voice.speech import SAMPLE_RATE, Speech, resample, tone

RULES: dict[str, Any] = {
    "type": "server_vad",
    "threshold": 0.5,
    "prefix_padding_ms": 300,
    "silence_duration_ms": 200,
}
SILENT, LOUD = 0.0002, 0.2
SECOND = 50  # frames


def heard(
    ears: Ears, levels: list[float], *, interviewer_speaks: bool = False
) -> list[TurnStarted | TurnEnded]:
    changes = (ears.hear(level, RULES, interviewer_speaks=interviewer_speaks) for level in levels)
    return [change for change in changes if change is not None]


def beeps(seconds: int) -> list[float]:
    """Chromium's fake microphone: 40 ms of sound, twice a second."""
    return ([LOUD] * 2 + [SILENT] * 23) * 2 * seconds


def test_one_spoken_answer_is_one_turn_with_its_length() -> None:
    changes = heard(Ears(), [SILENT] * 50 + [LOUD] * 2 * SECOND + [SILENT] * 2 * SECOND)

    started, ended = changes
    assert isinstance(started, TurnStarted)
    assert isinstance(ended, TurnEnded)
    assert started.at_ms == 1000 - 300, "the prefix padding is counted in"
    assert ended.seconds == pytest.approx(2.0, abs=0.05)
    assert ended.pauses == 0


def test_a_breath_does_not_end_a_turn() -> None:
    speech = [LOUD] * SECOND + [SILENT] * 25 + [LOUD] * SECOND

    changes = heard(Ears(), speech + [SILENT] * SECOND)

    assert [type(change) for change in changes] == [TurnStarted, TurnEnded]
    assert isinstance(changes[1], TurnEnded)
    assert changes[1].pauses == 1


def test_silence_and_a_single_click_are_no_turn() -> None:
    assert heard(Ears(), [SILENT] * SECOND + [LOUD] + [SILENT] * 3 * SECOND) == []


def test_beeps_become_turns_of_some_seconds_and_not_one_for_each_beep() -> None:
    changes = heard(Ears(), beeps(7))

    ends = [change for change in changes if isinstance(change, TurnEnded)]
    assert 1 <= len(ends) <= 2
    assert all(2.0 < end.seconds < 3.5 for end in ends)


def test_beeps_do_not_interrupt_the_interviewer_and_speech_does() -> None:
    assert heard(Ears(), beeps(5), interviewer_speaks=True) == []
    assert heard(Ears(), [LOUD] * SECOND, interviewer_speaks=True) != []


def test_the_threshold_of_the_session_decides_what_is_heard() -> None:
    quiet = [SILENT] * 50 + [0.015] * SECOND
    deaf = {**RULES, "threshold": 0.9}

    assert heard(Ears(), quiet) != []
    ears = Ears()
    assert not any(ears.hear(level, deaf, interviewer_speaks=False) for level in quiet)


def test_a_faster_call_ends_turns_sooner() -> None:
    frames = 0
    ears = Ears(speed=20)
    for level in itertools.chain([LOUD] * 10, itertools.repeat(SILENT)):
        frames += 1
        if isinstance(ears.hear(level, RULES, interviewer_speaks=False), TurnEnded):
            break
    assert frames <= 20


def test_loudness_is_the_root_mean_square() -> None:
    wave = array("h", (int(16_384 * math.sin(at / 7)) for at in range(96_000))).tobytes()

    assert loudness(wave) == pytest.approx(0.5 / math.sqrt(2), abs=0.02)
    assert loudness(b"") == 0.0


def test_a_spoken_turn_is_described_truthfully() -> None:
    text = describe_turn(2, 4.21, 1)

    assert "4.2 seconds" in text
    assert "with one pause" in text
    assert "does not recognise words" in text


@pytest.mark.parametrize(
    ("instructions", "role", "company", "kind", "level"),
    [
        ("Role: Baker\nCompany: Bread Ltd\nInterview type: behavioral\nDifficulty: hard\n",
         "Baker", "Bread Ltd", "behavioural", "hard"),
        ('{"x": 1}\n"jobTitle": "Data Engineer"\n', "Data Engineer", None, "general", "medium"),
        ("Please interview for the position of Nurse at Saint Mary.", "Nurse", "Saint Mary",
         "general", "medium"),
        ("Hold a technical interview for a Senior Rust Developer role.", "Senior Rust Developer",
         None, "technical", "hard"),
        ("", "Software Engineer", None, "general", "medium"),
        ("Role: Baker\n\n<<<RESUME\nCompany: Old Ltd\nInterview type: technical\nRESUME>>>",
         "Baker", None, "general", "medium"),
    ],
)  # fmt: skip
def test_the_interviewer_reads_its_brief_from_the_instructions(
    instructions: str, role: str, company: str | None, kind: str, level: str
) -> None:
    brief = read_brief(instructions)

    assert (brief.role, brief.company, brief.kind, brief.level) == (role, company, kind, level)


def interviewer(seed: str = "sess_1") -> Interviewer:
    return Interviewer(read_brief("Role: Baker\nCompany: Bread Ltd"), seed=seed)


FULL = "I baked bread for a village bakery and reorganised the whole night shift with my team"


def test_the_interview_greets_asks_six_questions_and_closes() -> None:
    script = interviewer()

    lines = [script.speak(None)] + [script.speak(Answer(words=FULL)) for _ in range(QUESTIONS)]

    assert "AI interviewer" in lines[0]
    assert "practice" in lines[0]
    assert "Baker at Bread Ltd" in lines[0]
    assert len(set(lines)) == QUESTIONS + 1
    assert "last question" in lines[-1]
    assert "over" in script.speak(Answer(words=FULL))


def test_a_short_answer_is_followed_up_once() -> None:
    script = interviewer()
    script.speak(None)

    pressed = script.speak(Answer(words="Yes."))
    moved_on = script.speak(Answer(words="No."))

    assert "more" in pressed or "deeper" in pressed
    assert moved_on.endswith("?")


def test_the_next_line_reacts_to_what_was_said() -> None:
    script = interviewer()
    script.speak(None)

    assert "reorganised" in script.speak(Answer(words=FULL))
    assert "figures" in script.speak(Answer(words=FULL + " for 7 years"))


def test_silence_repeats_the_question() -> None:
    script = interviewer()
    first = script.speak(None)

    assert first.endswith(script.speak(None).removeprefix("Take your time. "))


def test_other_calls_get_other_questions_and_the_same_call_the_same() -> None:
    def lines(seed: str) -> list[str]:
        script = interviewer(seed)
        return [script.speak(Answer(words=FULL)) for _ in range(QUESTIONS)]

    assert lines("a") == lines("a")
    assert len({tuple(lines(str(seed))) for seed in range(8)}) > 1


def test_speech_is_made_once_and_shortened_by_the_speed() -> None:
    async def clips() -> None:
        normal, fast = Speech(), Speech(speed=20)
        text = "Hello, this is a sentence of some length."

        clip = await normal.say(text, "alloy")

        assert clip.seconds > 1.0
        assert loudness(clip.pcm) > 0.01
        assert await normal.say(text, "alloy") is clip
        assert (await fast.say(text, "alloy")).seconds == pytest.approx(clip.seconds / 20, rel=0.05)

    asyncio.run(clips())


def test_without_espeak_a_tone_of_proportionate_length_is_heard(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PATH", "")

    async def lengths() -> tuple[float, float]:
        speech = Speech()
        short, long = await speech.say("two words", "alloy"), await speech.say("a " * 8, "alloy")
        assert loudness(short.pcm) > 0.02
        return short.seconds, long.seconds

    short, long = asyncio.run(lengths())
    assert long == pytest.approx(4 * short)


def test_resampling_keeps_the_length() -> None:
    half_second = bytes(22_050)

    assert len(resample(half_second, 22_050)) / 2 / SAMPLE_RATE == pytest.approx(0.5, abs=0.01)
    assert len(tone(0.5)) / 2 / SAMPLE_RATE == 0.5


def test_the_dialects_read_the_same_settings_from_their_own_shapes() -> None:
    ga = Session.create(
        "ga",
        {
            "type": "realtime",
            "instructions": "x",
            "audio": {"output": {"voice": "marin"}, "input": {"turn_detection": None}},
        },
        path="session",
    )
    beta = Session.create("beta", {"instructions": "x", "voice": "verse"}, path="")

    assert (ga.voice, ga.turn_detection, ga.transcribes, ga.speaks) == ("marin", None, False, True)
    assert (beta.voice, beta.transcribes, beta.speaks) == ("verse", False, True)
    assert beta.turn_detection is not None


def test_transcription_is_switched_by_an_update_in_either_shape() -> None:
    ga = Session.create("ga", {"type": "realtime"}, path="session")
    beta = Session.create("beta", {}, path="")

    on = {"transcription": {"model": "gpt-transcribe"}}
    ga.update({"type": "realtime", "audio": {"input": on}})
    beta.update({"input_audio_transcription": {"model": "whisper-1"}})

    assert ga.transcribes
    assert beta.transcribes
    ga.update({"type": "realtime", "audio": {"input": {"transcription": None}}})
    assert not ga.transcribes


def test_a_copy_of_a_session_does_not_share_its_settings() -> None:
    first = Session.create("beta", {}, path="")
    second = first.copy()

    second.update({"input_audio_transcription": {"model": "whisper-1"}})

    assert not first.transcribes
    assert second.session_id != first.session_id


@pytest.mark.parametrize(
    ("change", "code", "param"),
    [
        ({"audio": {}}, "missing_required_parameter", "session.type"),
        ({"type": "realtime", "voice": "alloy"}, "unknown_parameter", "session.voice"),
        ({"type": "realtime", "audio": {"output": {"voice": "bob"}}}, "invalid_value",
         "session.audio.output.voice"),
        ({"type": "realtime", "audio": {"input": {"turn_detection": {"threshold": 0.5}}}},
         "missing_required_parameter", "session.audio.input.turn_detection.type"),
        ({"type": "realtime", "output_modalities": ["audio", "text"]}, "invalid_value",
         "session.output_modalities"),
        ({"type": "realtime", "instructions": 7}, "invalid_type", "session.instructions"),
        ({"type": "realtime", "max_output_tokens": 5_000}, "integer_above_max_value",
         "session.max_output_tokens"),
        ("x", "invalid_type", "session"),
    ],
)  # fmt: skip
def test_a_wrong_update_names_its_fault_and_changes_nothing(
    change: object, code: str, param: str
) -> None:
    session = Session.create("ga", {"type": "realtime"}, path="session")
    before = session.show(expires_at=0)

    with pytest.raises(BadParameter) as refused:
        session.update(change)

    assert (refused.value.code, refused.value.param) == (code, param)
    assert session.show(expires_at=0) == before


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ("no json", "invalid_json"),
        ("[]", "invalid_json"),
        ("{}", "missing_required_parameter"),
        ('{"type": "foo.bar"}', "invalid_value"),
        ('{"type": "response.create", "foo": 1}', "unknown_parameter"),
        ('{"type": "conversation.item.create"}', "missing_required_parameter"),
        ("{" * 100_000, "invalid_json"),
    ],
)
def test_a_client_event_that_is_none_is_refused(message: str, code: str) -> None:
    with pytest.raises(BadParameter) as refused:
        check_client_event(read_client_event(message))
    assert refused.value.code == code


def test_an_unknown_client_event_is_named_in_the_refusal() -> None:
    with pytest.raises(BadParameter, match=r"'foo\.bar'"):
        check_client_event({"type": "foo.bar"})


@pytest.mark.parametrize("value", ["0", "-1", "nan", "1000", "fast"])
def test_a_senseless_voice_speed_is_refused(value: str) -> None:
    with pytest.raises(ValueError):
        voice_speed_of(value)


def test_the_voice_speed_is_one_where_nothing_is_set() -> None:
    assert voice_speed_of("") == 1.0
