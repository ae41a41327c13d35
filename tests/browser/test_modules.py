"""Rules of the client's pure modules, in a browser without a back end."""

from typing import Any

import pytest
from playwright.sync_api import Page

DIALECTS = {
    "ga": ("conversation.item.added", "response.output_audio_transcript"),
    "beta": ("conversation.item.created", "response.audio_transcript"),
}


def transcript(page: Page, script: str, **argument: Any) -> Any:
    """Run ``script`` with a transcript ``t`` whose clock ticks once a reading."""
    return page.evaluate(
        f"""async (given) => {{
              const {{ Transcript }} = await import("/js/transcript.js");
              let tick = 1000;
              const t = new Transcript({{ now: () => (tick += 10) }});
              {script}
            }}""",
        argument,
    )


def said(turns: list[dict[str, Any]]) -> list[tuple[str, str]]:
    """Role and words of each turn."""
    return [(turn["role"], turn["content"]) for turn in turns]


@pytest.mark.parametrize("dialect", ["ga", "beta"])
def test_turns_stand_in_the_order_of_the_conversation_not_of_arrival(
    modules: Page, dialect: str
) -> None:
    """The person's words are transcribed after the reply has begun, and still stand before it."""
    added, spoken = DIALECTS[dialect]
    result = transcript(
        modules,
        """
        const add = (id, role, previous) => t.feed(
          { type: given.added, item: { id, type: "message", role }, previous_item_id: previous });
        add("a1", "assistant", null);
        t.feed({ type: given.spoken + ".done", item_id: "a1", transcript: "Why us?" });
        t.feed({ type: "input_audio_buffer.committed", item_id: "u1", previous_item_id: "a1" });
        add("a2", "assistant", "u1");
        t.feed({ type: given.spoken + ".done", item_id: "a2", transcript: "I see." });
        t.feed({ type: "conversation.item.input_audio_transcription.completed",
                 item_id: "u1", transcript: "I like queues." });
        return { turns: t.ordered(), messages: t.messages() };
        """,
        added=added,
        spoken=spoken,
    )

    order = [("assistant", "Why us?"), ("user", "I like queues."), ("assistant", "I see.")]
    assert said(result["turns"]) == order
    assert said(result["messages"]) == order
    stamps = [message["timestamp"] for message in result["messages"]]
    assert stamps == sorted(set(stamps))


def test_a_message_keeps_its_timestamp_when_an_earlier_one_comes_late(modules: Page) -> None:
    """The server keys messages by role and timestamp: a moved stamp would double the message."""
    result = transcript(
        modules,
        """
        const done = (id, words) => t.feed(
          { type: "response.output_audio_transcript.done", item_id: id, transcript: words });
        t.feed({ type: "conversation.item.added", previous_item_id: null,
                 item: { id: "u1", role: "user" } });
        t.feed({ type: "conversation.item.added", previous_item_id: "u1",
                 item: { id: "a1", role: "assistant" } });
        done("a1", "Thank you.");
        const before = t.messages();
        t.feed({ type: "conversation.item.input_audio_transcription.completed",
                 item_id: "u1", transcript: "Hello." });
        return { before, after: t.messages() };
        """,
    )

    assert said(result["after"]) == [("user", "Hello."), ("assistant", "Thank you.")]
    assert result["after"][1] == result["before"][0]
    assert result["after"][0]["timestamp"] < result["after"][1]["timestamp"]


def test_a_timestamp_once_given_never_moves_also_within_one_millisecond(modules: Page) -> None:
    """A turn that comes in between finds its own place and leaves the others theirs."""
    result = transcript(
        modules,
        """
        t.now = () => 1000;
        const place = (id, role, previous) => t.feed(
          { type: "conversation.item.added", item: { id, role }, previous_item_id: previous });
        const done = (id, words) => t.feed(
          { type: "response.output_audio_transcript.done", item_id: id, transcript: words });
        place("a1", "assistant", null);
        place("u1", "user", "a1");
        place("a2", "assistant", "u1");
        done("a1", "One.");
        done("a2", "Two.");
        const before = t.messages();
        t.feed({ type: "conversation.item.input_audio_transcription.completed",
                 item_id: "u1", transcript: "Between." });
        return { before, after: t.messages() };
        """,
    )

    order = [("assistant", "One."), ("user", "Between."), ("assistant", "Two.")]
    assert said(result["after"]) == order
    kept = [message for message in result["after"] if message["role"] == "assistant"]
    assert kept == result["before"]


def test_running_words_are_shown_and_replaced_by_the_final_ones(modules: Page) -> None:
    """Deltas grow a live turn, which is not saved before it is done."""
    result = transcript(
        modules,
        """
        const delta = (words) => t.feed(
          { type: "response.output_audio_transcript.delta", item_id: "a1", delta: words });
        delta("Tell me ");
        delta("abou");
        const live = t.ordered();
        const unsaved = t.messages();
        t.feed({ type: "response.output_audio_transcript.done", item_id: "a1",
                 transcript: "Tell me about you." });
        delta("late");
        return { live, unsaved, final: t.ordered() };
        """,
    )

    assert [(turn["content"], turn["live"]) for turn in result["live"]] == [("Tell me abou", True)]
    assert result["unsaved"] == []
    assert [(turn["content"], turn["live"]) for turn in result["final"]] == [
        ("Tell me about you.", False)
    ]


@pytest.mark.parametrize("echo_id", ["typed_1", "item_of_the_server"])
def test_a_typed_answer_stands_once_whatever_id_the_server_gives_it(
    modules: Page, echo_id: str
) -> None:
    """The provider echoes the item; the echo is the same answer."""
    turns = transcript(
        modules,
        """
        t.addTyped("typed_1", "By hand.");
        t.feed({ type: "conversation.item.added", previous_item_id: null, item: { id: given.echo,
          type: "message", role: "user", content: [{ type: "input_text", text: "By hand." }] } });
        return t.ordered();
        """,
        echo=echo_id,
    )

    assert said(turns) == [("user", "By hand.")]


def test_what_was_kept_before_a_reload_stands_first_with_its_timestamps(modules: Page) -> None:
    """A call that is taken up again goes on behind the words of the first one."""
    messages = transcript(
        modules,
        """
        t.restore([{ role: "assistant", content: "Why us?", timestamp: 5 },
                   { role: "user", content: "Queues.", timestamp: 9 }]);
        t.feed({ type: "response.output_audio_transcript.done", item_id: "n1",
                 transcript: "Where were we?" });
        return t.messages();
        """,
    )

    assert [message["timestamp"] for message in messages[:2]] == [5, 9]
    assert messages[2]["content"] == "Where were we?"


def test_a_new_interview_never_overwrites_an_unsent_one(modules: Page) -> None:
    """The older copy moves aside under the same keys and its session's id."""
    result = modules.evaluate(
        """async () => {
          const backup = await import("/js/backup.js");
          localStorage.clear();
          const message = (content) => [{ role: "user", content, timestamp: 1 }];
          backup.keep(
            { sessionId: "one", messages: message("first"), owner: "me", finished: true });
          backup.keep({ sessionId: "two", messages: message("second"), owner: "me" });
          const all = backup.list().map((copy) => [copy.sessionId, copy.messages[0].content]);
          backup.discard("one");
          return { all, left: backup.list().map((copy) => copy.sessionId),
                   origin: JSON.parse(localStorage.vocahire_interview_metadata).sessionId };
        }"""
    )

    assert sorted(result["all"]) == [["one", "first"], ["two", "second"]]
    assert result["left"] == ["two"]
    assert result["origin"] == "two"


def test_a_copy_of_the_original_product_is_taken_up_with_its_exact_body(modules: Page) -> None:
    """A copy without a note is finished, anybody's, and sent as the original page sent it."""
    result = modules.evaluate(
        """async () => {
          const backup = await import("/js/backup.js");
          localStorage.clear();
          localStorage.vocahire_interview_messages =
            JSON.stringify([{ role: "user", content: "Hi", timestamp: 7 }]);
          localStorage.vocahire_interview_metadata = JSON.stringify(
            { sessionId: "s", jobTitle: "Cook", resumeData: null, timestamp: 8 });
          const [copy] = backup.list();
          return { finished: copy.finished, owner: copy.owner, body: backup.syncBody(copy) };
        }"""
    )

    assert result == {
        "finished": True,
        "owner": None,
        "body": {
            "messages": [{"role": "user", "content": "Hi", "timestamp": 7}],
            "sessionId": "s",
            "jobTitle": "Cook",
            "resumeData": None,
            "timestamp": 8,
            "fromLocalStorage": True,
        },
    }


def test_a_running_interview_is_not_sent_by_another_tab(modules: Page) -> None:
    """Saving completes a session, so a copy that is still growing must wait."""
    result = modules.evaluate(
        """async () => {
          const backup = await import("/js/backup.js");
          const release = backup.holdWhileRunning("s");
          await navigator.locks.query();
          const whileRunning = await backup.unlessRunning("s", async () => "sent");
          release();
          await navigator.locks.request("greenroom-interview-s", () => null);
          return [whileRunning, await backup.unlessRunning("s", async () => "sent")];
        }"""
    )

    assert result == [None, "sent"]


def test_words_that_arrive_after_the_hang_up_are_no_part_of_the_call(modules: Page) -> None:
    """A late word would write the finished copy anew, as one of an interview still running."""
    heard = modules.evaluate(
        """async () => {
          const { Call } = await import("/js/realtime.js");
          const call = new Call({ iceServers: [], stream: new MediaStream() });
          const heard = [];
          call.addEventListener("event", ({ detail }) => heard.push(detail.type));
          call.connect(() => new Promise(() => {}));
          const arrives = (type) =>
            call.channel.dispatchEvent(
              new MessageEvent("message", { data: JSON.stringify({ type }) }));
          arrives("before");
          call.hangUp();
          arrives("after");
          return heard;
        }"""
    )

    assert heard == ["before"]
