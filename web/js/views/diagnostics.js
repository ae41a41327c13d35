// Connection details for whoever must find out why a call does not work.

import { fill, h } from "../dom.js";
import { clock, number } from "../format.js";

const STATISTICS_MS = 1_000;

export function diagnosticsPanel(interview) {
  const list = h("dl", { class: "facts" });
  const details = h("details", { class: "card details" },
    h("summary", {}, "Connection details"), list);
  let figures = null;
  const show = () => fill(list, rows(interview, figures).map(([name, label, value]) => [
    h("dt", {}, label), h("dd", { dataset: { fact: name } }, String(value ?? "–")),
  ]));
  const timer = setInterval(async () => {
    if (!interview.call || interview.call.hungUp) return;
    figures = await interview.call.statistics();
    show();
  }, STATISTICS_MS);
  return { node: details, show, stop: () => clearInterval(timer) };
}

function rows(interview, figures) {
  const { session, call, conversation, attempt } = interview;
  const states = call?.states() ?? {};
  const elapsed = attempt?.liveAt ? clock((Date.now() - attempt.liveAt) / 1000) : null;
  return [
    ["phase", "Phase", interview.phase],
    ["gathering", "ICE gathering", states.gathering],
    ["ice", "ICE connection", states.ice],
    ["connection", "Peer connection", states.connection],
    ["signalling", "Signalling", states.signalling],
    ["channel", "Data channel", states.channel],
    ["model", "Model", session?.model],
    ["dialect", "Dialect", session?.dialect],
    ["session", "Session", session?.sessionId],
    ["elapsed", "Time in the call", elapsed],
    ["maximum", "Longest call", session ? clock(session.maxDurationSeconds) : null],
    ["bytesReceived", "Audio received", figures && number(figures.bytesReceived, 0, "bytes")],
    ["audioEnergy", "Audio energy", figures && figures.audioEnergy.toFixed(4)],
    ["bytesSent", "Audio sent", figures && number(figures.bytesSent, 0, "bytes")],
    ["lost", "Packets lost", figures && number(figures.packetsLost)],
    ["roundTrip", "Round trip", figures?.roundTripMs != null ? `${figures.roundTripMs} ms` : null],
    ["lastError", "Last provider error", conversation?.lastError],
  ];
}
