// Turns the provider's events of both vocabularies (GA and beta) into one ordered transcript.
//
// Events arrive in any order: a person's words are often transcribed after the interviewer's
// reply has begun. So turns are ordered by the conversation's own chain (`previous_item_id`),
// and only turns outside that chain by arrival.

const USER_DELTA = ["conversation.item.input_audio_transcription.delta"];
const USER_DONE = ["conversation.item.input_audio_transcription.completed"];
const ASSISTANT_DELTA = [
  "response.output_audio_transcript.delta",
  "response.audio_transcript.delta",
  "response.output_text.delta",
  "response.text.delta",
];
const ASSISTANT_DONE = [
  "response.output_audio_transcript.done",
  "response.audio_transcript.done",
  "response.output_text.done",
  "response.text.done",
];
const ITEM_EVENTS = [
  "conversation.item.added",
  "conversation.item.created",
  "conversation.item.done",
  "response.output_item.added",
  "response.output_item.done",
];

/** A transcript that is fed with events and read as turns or as messages to save. */
export class Transcript {
  /** `events` are the names that the start's answer announced, beside the known ones. */
  constructor({ events = {}, now = Date.now } = {}) {
    this.now = now;
    this.turns = new Map();
    this.roles = roleTable(events);
  }

  /** Take one provider event. Answers true when what people see has changed. */
  feed(event) {
    if (ITEM_EVENTS.includes(event.type)) return this.#item(event);
    if (event.type === "input_audio_buffer.committed" ||
        event.type === "input_audio_buffer.speech_started") {
      if (!event.item_id) return false;
      this.#place(this.#turn(event.item_id, "user"), event.previous_item_id);
      return true;
    }
    if (event.type === "conversation.item.deleted") return this.turns.delete(event.item_id);
    if (event.type === "conversation.item.input_audio_transcription.failed") {
      this.#done(this.#turn(event.item_id, "user"));
      return true;
    }
    const meaning = this.roles.get(event.type);
    return meaning ? this.#words(event, meaning) : false;
  }

  /** Add what the person typed, before the provider confirms it. */
  addTyped(itemId, content) {
    const turn = this.#turn(itemId, "user");
    Object.assign(turn, { parts: new Map([[0, content]]), typed: true });
    this.#done(turn);
  }

  /** The call is over: what was heard of the last words is all there will be. */
  finish() {
    for (const turn of this.turns.values()) this.#done(turn);
  }

  /** Take over messages that were kept from before a reload. */
  restore(messages) {
    messages.forEach((message, index) => {
      const turn = this.#turn(`kept_${index}`, message.role);
      Object.assign(turn, { live: false, stamp: message.timestamp, doneAt: message.timestamp });
      turn.parts.set(0, message.content);
    });
  }

  /** Turns with words, in the order of the conversation. */
  ordered() {
    return this.#chain()
      .filter((turn) => turn.role && textOf(turn))
      .map((turn) => ({
        id: turn.id,
        role: turn.role,
        content: textOf(turn),
        live: turn.live,
        at: turn.doneAt ?? turn.startedAt,
      }));
  }

  /**
   * The finished messages, to save: `{role, content, timestamp}` with epoch milliseconds.
   *
   * A timestamp is the moment when the text was complete. The server keys messages by role and
   * timestamp and orders by timestamp, so a turn keeps its stamp for ever and stamps rise along
   * the conversation, also where words were transcribed late.
   */
  messages() {
    const turns = this.#chain().filter((turn) => turn.role && textOf(turn) && turn.doneAt);
    turns.forEach((turn, index) => {
      if (turn.stamp) return;
      const after = turns[index - 1]?.stamp ?? 0;
      const before = turns.slice(index + 1).find((later) => later.stamp)?.stamp ?? Infinity;
      turn.stamp = Math.max(after + 1, Math.min(turn.doneAt, before - 1));
    });
    return turns.map((turn) => ({
      role: turn.role,
      content: textOf(turn),
      timestamp: turn.stamp,
    }));
  }

  #turn(id, role) {
    let turn = this.turns.get(id);
    if (!turn) {
      turn = {
        id, role, parts: new Map(), live: true, startedAt: this.now(), doneAt: null,
        previous: undefined, stamp: 0, typed: false,
      };
      this.turns.set(id, turn);
    }
    if (role) turn.role = role;
    return turn;
  }

  #item(event) {
    const item = event.item ?? {};
    if (!item.id) return false;
    const spoken = item.type === undefined || item.type === "message";
    const role = spoken && ["user", "assistant"].includes(item.role) ? item.role : null;
    const text = writtenText(item);
    const turn = this.#confirmTyped(item.id, role, text) ?? this.#turn(item.id, role);
    this.#place(turn, event.previous_item_id);
    if (role === "user" && text && !textOf(turn)) {
      turn.parts.set(0, text);
      this.#done(turn);
    }
    return true;
  }

  /** Some servers give a typed item an id of their own: then it is known by its words. */
  #confirmTyped(id, role, text) {
    if (role !== "user" || !text || this.turns.has(id)) return null;
    const typed = [...this.turns.values()].find(
      (turn) => turn.typed && turn.previous === undefined && textOf(turn) === text,
    );
    if (!typed) return null;
    // The map is rebuilt to keep the order of arrival.
    const entries = [...this.turns].map(([key, turn]) => [turn === typed ? id : key, turn]);
    typed.id = id;
    this.turns = new Map(entries);
    return typed;
  }

  #place(turn, previousId) {
    if (previousId === undefined || previousId === turn.id) return;
    // Null says "the root": true for the first only, so a later null adds no knowledge.
    if (previousId !== null) turn.previous = previousId;
    else turn.previous ??= null;
  }

  #words(event, { role, done }) {
    if (!event.item_id) return false;
    const turn = this.#turn(event.item_id, role);
    const index = event.content_index ?? 0;
    if (!done) {
      if (!turn.live) return false;
      turn.parts.set(index, (turn.parts.get(index) ?? "") + (event.delta ?? ""));
      return true;
    }
    const final = event.transcript ?? event.text;
    if (typeof final === "string" && final.trim()) turn.parts.set(index, final);
    this.#done(turn);
    return true;
  }

  #done(turn) {
    turn.live = false;
    turn.doneAt ??= this.now();
  }

  /** Depth first along the chain; a turn whose predecessor is unknown stands where it arrived. */
  #chain() {
    const followers = new Map();
    const roots = [];
    for (const turn of this.turns.values()) {
      const known = turn.previous && this.turns.has(turn.previous);
      if (!known) roots.push(turn);
      else followers.set(turn.previous, [...(followers.get(turn.previous) ?? []), turn]);
    }
    const seen = new Set();
    const result = [];
    const stack = roots.reverse();
    while (stack.length) {
      const turn = stack.pop();
      if (seen.has(turn)) continue;
      seen.add(turn);
      result.push(turn);
      stack.push(...(followers.get(turn.id) ?? []).slice().reverse());
    }
    // A cycle can only come from a faulty server; its turns are shown rather than lost.
    for (const turn of this.turns.values()) if (!seen.has(turn)) result.push(turn);
    return result;
  }
}

function roleTable({ userTranscript = [], assistantTranscript = [] }) {
  const table = new Map();
  const add = (names, role) => {
    for (const name of names) table.set(name, { role, done: !name.endsWith(".delta") });
  };
  add([...userTranscript, ...USER_DELTA, ...USER_DONE], "user");
  add([...assistantTranscript, ...ASSISTANT_DELTA, ...ASSISTANT_DONE], "assistant");
  return table;
}

function textOf(turn) {
  return [...turn.parts.entries()]
    .sort(([left], [right]) => left - right)
    .map(([, text]) => text)
    .join(" ")
    .trim();
}

function writtenText(item) {
  return (item.content ?? [])
    .filter((part) => part.type === "input_text")
    .map((part) => part.text ?? "")
    .join(" ")
    .trim();
}
