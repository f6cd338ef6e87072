// The hash chain over the frames of a capture: it ties them to the capture's token, and to their order.

/** Frames between two links; as in `service/src/capture/chain.rs`. */
const EVERY = 15;

const sha256 = async (bytes) => new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
const hex = (bytes) => [...bytes].map((b) => b.toString(16).padStart(2, "0")).join("");

export class Chain {
  #tip;
  #frames = 0;
  #token;

  constructor(token) {
    this.#token = token;
  }

  /** Adds a message that was sent; gives the link to send after it, or null between links. */
  async add(message) {
    this.#tip ??= await sha256(new TextEncoder().encode(`smilepay chain 1\0${this.#token}`));
    const both = new Uint8Array(this.#tip.length + message.length);
    both.set(this.#tip);
    both.set(message, this.#tip.length);
    this.#tip = await sha256(both);
    this.#frames += 1;
    return this.#frames % EVERY ? null : JSON.stringify({ type: "chain", frames: this.#frames, hash: hex(this.#tip) });
  }
}
