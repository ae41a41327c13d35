// One WebRTC call to the voice provider: peer connection, data channel, statistics.

const CHANNEL = "oai-events";
// Posting without every candidate also connects, so gathering never holds the call up for long.
const GATHERING_MS_MAX = 3_000;
const OPEN_MS_MAX = 20_000;
// `session.created` comes with the channel; a server that never sends it must not block the call.
const CREATED_MS_MAX = 4_000;

/** The call did not come up, or broke off before it was open. */
export class CallFailed extends Error {}

/** A call. Emits `event` (provider event), `closed` and `change` (connection states). */
export class Call extends EventTarget {
  constructor({ iceServers, stream }) {
    super();
    this.peer = new RTCPeerConnection({ iceServers: iceServers ?? [] });
    this.audio = new Audio();
    this.audio.autoplay = true;
    this.stream = stream;
    this.open = false;
    this.hungUp = false;
    this.#listen();
  }

  /** Connect: `exchange(offerSdp)` answers the provider's SDP. Resolves when events flow. */
  async connect(exchange) {
    const channel = this.peer.createDataChannel(CHANNEL);
    this.channel = channel;
    this.stream.getTracks().forEach((track) => this.peer.addTrack(track, this.stream));
    const opened = this.#opened(channel);
    // A rejection before anybody awaits it must not reach the console as unhandled.
    opened.catch(() => {});
    await this.peer.setLocalDescription(await this.peer.createOffer());
    await this.#gathered();
    const sdp = await exchange(this.peer.localDescription.sdp);
    if (this.hungUp) throw new CallFailed("The call was ended.");
    await this.peer.setRemoteDescription({ type: "answer", sdp });
    await within(OPEN_MS_MAX, opened, "The voice connection did not open in time.");
    await Promise.race([this.created, delay(CREATED_MS_MAX)]);
    if (channel.readyState !== "open") throw new CallFailed("The voice connection was closed.");
  }

  send(event) {
    if (this.channel?.readyState !== "open") return false;
    this.channel.send(JSON.stringify(event));
    return true;
  }

  setMuted(muted) {
    this.stream.getAudioTracks().forEach((track) => (track.enabled = !muted));
  }

  hangUp() {
    if (this.hungUp) return;
    this.hungUp = true;
    this.channel?.close();
    this.peer.close();
    this.audio.srcObject = null;
    this.#change();
  }

  /** The states for the details panel. */
  states() {
    return {
      gathering: this.peer.iceGatheringState,
      ice: this.peer.iceConnectionState,
      connection: this.peer.connectionState,
      signalling: this.peer.signalingState,
      channel: this.channel?.readyState ?? "none",
    };
  }

  /** Audio figures: bytes both ways, packets, decoded energy, round trip in milliseconds. */
  async statistics() {
    const figures = {
      bytesReceived: 0, packetsReceived: 0, packetsLost: 0, audioEnergy: 0, bytesSent: 0,
      roundTripMs: null,
    };
    for (const report of (await this.peer.getStats()).values()) {
      if (report.type === "inbound-rtp" && report.kind === "audio") {
        figures.bytesReceived = report.bytesReceived ?? 0;
        figures.packetsReceived = report.packetsReceived ?? 0;
        figures.packetsLost = report.packetsLost ?? 0;
        figures.audioEnergy = report.totalAudioEnergy ?? 0;
      } else if (report.type === "outbound-rtp" && report.kind === "audio") {
        figures.bytesSent = report.bytesSent ?? 0;
      } else if (report.type === "candidate-pair" && report.nominated) {
        figures.roundTripMs = Math.round((report.currentRoundTripTime ?? 0) * 1000);
      }
    }
    return figures;
  }

  /** Start the sound; false when the browser wants a click first. */
  async play() {
    try {
      await this.audio.play();
      return true;
    } catch {
      return false;
    }
  }

  #listen() {
    for (const name of [
      "icegatheringstatechange", "iceconnectionstatechange", "connectionstatechange",
      "signalingstatechange",
    ]) {
      this.peer.addEventListener(name, () => this.#change());
    }
    this.peer.addEventListener("track", ({ track, streams }) => {
      this.audio.srcObject = streams[0] ?? new MediaStream([track]);
      this.dispatchEvent(new Event("sound"));
    });
    this.created = new Promise((resolve) => (this.markCreated = resolve));
  }

  #opened(channel) {
    return new Promise((resolve, reject) => {
      channel.addEventListener("open", () => {
        this.open = true;
        this.#change();
        resolve();
      });
      channel.addEventListener("message", ({ data }) => this.#receive(data));
      // The channel tells of a hang-up at once; the peer connection only many seconds later.
      channel.addEventListener("close", () => {
        this.#change();
        reject(new CallFailed("The voice connection was closed."));
        if (this.open && !this.hungUp) this.dispatchEvent(new Event("closed"));
      });
      this.peer.addEventListener("connectionstatechange", () => {
        if (this.peer.connectionState !== "failed") return;
        reject(new CallFailed("The voice connection could not be made."));
        if (this.open && !this.hungUp) this.dispatchEvent(new Event("closed"));
      });
    });
  }

  #receive(data) {
    // A message that waited in the queue when the call was ended is no longer part of it.
    if (this.hungUp) return;
    let event;
    try {
      event = JSON.parse(data);
    } catch {
      return;
    }
    if (event?.type === "session.created") this.markCreated();
    this.dispatchEvent(new CustomEvent("event", { detail: event }));
  }

  async #gathered() {
    if (this.peer.iceGatheringState === "complete") return;
    const complete = new Promise((resolve) => {
      this.peer.addEventListener("icegatheringstatechange", () => {
        if (this.peer.iceGatheringState === "complete") resolve();
      });
    });
    await Promise.race([complete, delay(GATHERING_MS_MAX)]);
  }

  #change() {
    this.dispatchEvent(new Event("change"));
  }
}

function delay(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function within(ms, promise, words) {
  const late = delay(ms).then(() => {
    throw new CallFailed(words);
  });
  return Promise.race([promise, late]);
}
