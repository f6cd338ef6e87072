// The microphone, and its sound as 16-bit PCM at 16 kHz.
import { CameraError } from "./camera.js";

const RATE = 16_000;
/** Bytes that may wait in the socket before the connection counts as lost: a sentence must not have holes. */
const WAITING_BYTES = 512 * 1024;

const KINDS = {
  NotAllowedError: "mic",
  SecurityError: "mic",
  NotFoundError: "mic_none",
  OverconstrainedError: "mic_none",
};

/** A browser that cannot make a 16 kHz context for this microphone gets one at its own rate; the recorder converts. */
async function connected(stream) {
  for (const options of [{ sampleRate: RATE }, {}]) {
    const context = new AudioContext(options);
    try {
      await context.audioWorklet.addModule("/assets/recorder.js");
      const node = new AudioWorkletNode(context, "recorder", { numberOfOutputs: 0, channelCount: 1, channelCountMode: "explicit" });
      context.createMediaStreamSource(stream).connect(node);
      await context.resume();
      return { context, node };
    } catch {
      await context.close();
    }
  }
  throw new CameraError("mic_busy");
}

/** One message: 8 bytes little-endian milliseconds, then the samples. */
function message(at, samples) {
  const bytes = new Uint8Array(8 + samples.byteLength);
  new DataView(bytes.buffer).setFloat64(0, at, true);
  bytes.set(new Uint8Array(samples), 8);
  return bytes;
}

/** Root mean square of the samples, 0..1. */
function loudness(samples) {
  const values = new Int16Array(samples);
  let sum = 0;
  for (const value of values) sum += value * value;
  return Math.sqrt(sum / values.length) / 32_768;
}

export class Microphone {
  #stream = null;
  #sound = null;

  get opened() { return this.#stream !== null; }

  async open() {
    if (!navigator.mediaDevices?.getUserMedia || !window.AudioWorkletNode) throw new CameraError("insecure");
    try {
      this.#stream = await navigator.mediaDevices.getUserMedia({
        video: false,
        // What makes calls pleasant changes the voice.
        audio: { channelCount: 1, echoCancellation: false, noiseSuppression: false, autoGainControl: true },
      });
    } catch (error) {
      throw new CameraError(KINDS[error.name] ?? "mic_busy");
    }
    try {
      this.#sound = await connected(this.#stream);
    } catch (error) {
      this.close();
      throw error;
    }
  }

  close() {
    this.#sound?.context.close();
    for (const track of this.#stream?.getTracks() ?? []) track.stop();
    this.#sound = null;
    this.#stream = null;
  }

  /** Sends the sound to `socket`, telling `meter` how loud it is, until the returned function is called. */
  send(socket, meter) {
    const port = this.#sound?.node.port;
    if (!port) return () => {};
    port.onmessage = ({ data }) => {
      meter(loudness(data));
      if (socket.readyState !== WebSocket.OPEN) return;
      if (socket.bufferedAmount > WAITING_BYTES) socket.close();
      else socket.send(message(performance.now(), data));
    };
    return () => { port.onmessage = null; };
  }
}
