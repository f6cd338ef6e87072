// Runs beside the page's own thread: sound from the microphone as 16-bit PCM at 16 kHz, a tenth of a second at a time.
const RATE = 16_000;
const PIECE = RATE / 10;

class Recorder extends AudioWorkletProcessor {
  // How many samples of the microphone make one of ours, and where the next of ours lies among the newest.
  #step = sampleRate / RATE;
  #at = 0;
  #kept = [];
  #piece = new Int16Array(PIECE);
  #filled = 0;

  process([[channel]]) {
    if (!channel) return true;
    const all = this.#kept.concat(Array.from(channel));
    // The mean over one of our samples' time: a plain filter against what 16 kHz cannot hold.
    while (this.#at + this.#step <= all.length) {
      const from = Math.floor(this.#at);
      const to = Math.max(from + 1, Math.floor(this.#at + this.#step));
      let sum = 0;
      for (let i = from; i < to; i += 1) sum += all[i];
      this.#push(sum / (to - from));
      this.#at += this.#step;
    }
    const done = Math.floor(this.#at);
    this.#kept = all.slice(done);
    this.#at -= done;
    return true;
  }

  #push(value) {
    this.#piece[this.#filled] = Math.max(-32_768, Math.min(32_767, Math.round(value * 32_767)));
    this.#filled += 1;
    if (this.#filled < PIECE) return;
    this.port.postMessage(this.#piece.buffer, [this.#piece.buffer]);
    this.#piece = new Int16Array(PIECE);
    this.#filled = 0;
  }
}

registerProcessor("recorder", Recorder);
