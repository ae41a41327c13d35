// What is said in one call: who is speaking, the transcript, typed answers, response times.

import { Transcript } from "./transcript.js";

// How much of the talk a call that was taken up again is told of.
const RECALLED_MAX = 12;

/** Emits `words` (the transcript changed) and `change` (who is speaking). */
export class Conversation extends EventTarget {
  constructor({ session, restored = [] }) {
    super();
    this.dialect = session.dialect;
    this.clientEvents = session.clientEvents ?? [];
    this.transcript = new Transcript({ events: session.events ?? {} });
    this.transcript.restore(restored);
    this.restored = restored;
    this.interviewerSpeaks = false;
    this.personSpeaks = false;
    this.responding = false;
    this.lastError = null;
    this.responseTimesS = [];
    this.askedAt = null;
  }

  /** Switch on what the dialect needs, then let the interviewer speak first. */
  greet(send) {
    this.clientEvents.forEach(send);
    const first = Math.max(0, this.restored.length - RECALLED_MAX);
    this.restored.slice(first).forEach(({ role, content }, index) => {
      send(this.#item(`kept_${first + index}`, role, content));
    });
    send({ type: "response.create" });
  }

  receive(event) {
    this.#follow(event);
    if (this.transcript.feed(event)) this.dispatchEvent(new Event("words"));
  }

  /** Send a typed answer; it stands in the transcript at once. */
  type(text, send) {
    const itemId = `typed_${crypto.randomUUID().replaceAll("-", "").slice(0, 20)}`;
    if (!send(this.#item(itemId, "user", text))) return false;
    if (this.responding) {
      // A second response cannot start while one is running.
      send({ type: "response.cancel" });
      send({ type: "output_audio_buffer.clear" });
    }
    send({ type: "response.create" });
    this.transcript.addTyped(itemId, text);
    this.#answered();
    this.dispatchEvent(new Event("words"));
    return true;
  }

  turns() {
    return this.transcript.ordered();
  }

  messages() {
    return this.transcript.messages();
  }

  /** Mean time from the interviewer's last word to the answer, in seconds, if measured. */
  averageResponseS() {
    if (this.responseTimesS.length === 0) return undefined;
    const sum = this.responseTimesS.reduce((total, value) => total + value, 0);
    return Math.round((sum / this.responseTimesS.length) * 100) / 100;
  }

  finish() {
    this.interviewerSpeaks = false;
    this.personSpeaks = false;
    this.transcript.finish();
  }

  #follow(event) {
    switch (event.type) {
      case "output_audio_buffer.started":
        this.interviewerSpeaks = true;
        break;
      case "output_audio_buffer.stopped":
      case "output_audio_buffer.cleared":
        this.interviewerSpeaks = false;
        this.askedAt = Date.now();
        break;
      case "input_audio_buffer.speech_started":
        this.personSpeaks = true;
        this.#answered();
        break;
      case "input_audio_buffer.speech_stopped":
        this.personSpeaks = false;
        break;
      case "response.created":
        this.responding = true;
        break;
      case "response.done":
        this.responding = false;
        break;
      case "error":
        // In-call errors are mostly recoverable; the code helps whoever is asked about it.
        this.lastError = event.error?.code ?? event.error?.type ?? "unknown";
        break;
      default:
        return;
    }
    this.dispatchEvent(new Event("change"));
  }

  #answered() {
    if (this.askedAt === null) return;
    this.responseTimesS.push((Date.now() - this.askedAt) / 1000);
    this.askedAt = null;
  }

  #item(id, role, text) {
    const written = this.dialect === "beta" ? "text" : "output_text";
    const type = role === "user" ? "input_text" : written;
    return {
      type: "conversation.item.create",
      item: { id, type: "message", role, content: [{ type, text }] },
    };
  }
}
