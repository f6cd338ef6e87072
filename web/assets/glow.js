// The page's colours while the screen lights the face: drawn by the server, shown one after the other on the whole page.

const still = matchMedia("(prefers-reduced-motion: reduce)");

export class Glow {
  #timers = [];

  /** Shows each of `show` for `each_ms`; the last one stays until `stop`. Who asked their system for less motion sees no colours: the
   * server then has no evidence, which holds nobody up. */
  start({ show, each_ms: each }) {
    if (this.#timers.length || still.matches) return;
    this.#timers = show.map((colour, place) => setTimeout(() => this.#set(colour), place * each));
  }

  stop() {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers = [];
    this.#set(null);
  }

  #set(colour) {
    const { dataset, style } = document.documentElement;
    if (colour) {
      dataset.glow = "";
      style.setProperty("--glow", colour);
    } else {
      delete dataset.glow;
      style.removeProperty("--glow");
    }
  }
}
