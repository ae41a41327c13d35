// The person's voice: asking for the microphone, its level, and silence for those who type.

/** Ask for the microphone. Throws an Error whose message can be shown. */
export async function openMicrophone() {
  if (!navigator.mediaDevices?.getUserMedia) {
    throw new Error("This page may not use a microphone. Open it over https or on this computer.");
  }
  try {
    return await navigator.mediaDevices.getUserMedia({
      audio: { echoCancellation: true, noiseSuppression: true, autoGainControl: true },
    });
  } catch (cause) {
    throw new Error(MICROPHONE_WORDS[cause?.name] ?? "The microphone could not be opened.", {
      cause,
    });
  }
}

const MICROPHONE_WORDS = {
  NotAllowedError: "The browser was not allowed to use the microphone.",
  NotFoundError: "No microphone was found on this device.",
  NotReadableError: "The microphone is in use by another programme.",
};

/** A stream that is silent: the call needs an audio track even when answers are typed. */
export function openSilence() {
  const context = new AudioContext();
  const destination = context.createMediaStreamDestination();
  const source = new ConstantSourceNode(context, { offset: 0 });
  source.connect(destination);
  source.start();
  const { stream } = destination;
  stream.getTracks()[0].addEventListener("ended", () => context.close());
  return stream;
}

/** Report the level of a stream, 0..1, about ten times a second. Answers a stop function. */
export function watchLevel(stream, report) {
  const context = new AudioContext();
  const analyser = new AnalyserNode(context, { fftSize: 512 });
  const source = context.createMediaStreamSource(stream);
  source.connect(analyser);
  const samples = new Uint8Array(analyser.fftSize);
  const timer = setInterval(() => {
    analyser.getByteTimeDomainData(samples);
    const power = samples.reduce((sum, sample) => sum + (sample - 128) ** 2, 0) / samples.length;
    report(Math.min(1, Math.sqrt(power) / 40));
  }, 100);
  return () => {
    clearInterval(timer);
    source.disconnect();
    context.close();
  };
}

export function closeStream(stream) {
  stream?.getTracks().forEach((track) => {
    track.stop();
    // stop() fires no event by itself; the silent stream frees its AudioContext on it.
    track.dispatchEvent(new Event("ended"));
  });
}
