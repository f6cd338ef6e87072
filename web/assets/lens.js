// The round camera view: the ring, one sentence at a time, and a hint under it.
import { Glow } from "./glow.js";
import { t } from "./text.js";
import { speak } from "./voice.js";

/** A hint that is not repeated goes away after this. */
const HINT_MS = 2_500;
/** A hint is spoken again at most this often. */
const HINT_AGAIN_MS = 4_000;

export class Lens {
  #hintTimer;
  #spoken = { hint: "", at: 0 };
  #glow = new Glow();

  /** `start`: the text shown until the server says something. */
  constructor(root, start = "say.start") {
    this.start = start;
    const find = (name) => root.querySelector(name);
    this.frame = find("[data-lens]");
    this.video = find("video");
    this.bar = find(".bar");
    this.meter = find("[data-progress]");
    this.words = find("[data-say]");
    this.under = find("[data-hint]");
  }

  /** Ready for a new capture. */
  reset() {
    this.frame.classList.remove("judging");
    this.#glow.stop();
    delete this.frame.dataset.step;
    delete document.documentElement.dataset.prompt;
    this.progress(0);
    this.#hint("");
    this.#words(t(this.start));
  }

  prompt({ step, say, progress, colours }) {
    this.progress(progress);
    if (colours) this.#glow.start(colours);
    else this.#glow.stop();
    if (step === this.frame.dataset.step && say === this.words.textContent) return;
    this.frame.dataset.step = step;
    document.documentElement.dataset.prompt = step;
    this.#hint("");
    this.#words(say);
  }

  hint({ say }) {
    this.#hint(say);
    this.#hintTimer = setTimeout(() => this.#hint(""), HINT_MS);
    const now = performance.now();
    if (say === this.#spoken.hint && now - this.#spoken.at < HINT_AGAIN_MS) return;
    this.#spoken = { hint: say, at: now };
    speak(say);
  }

  judging() {
    this.#glow.stop();
    this.frame.classList.add("judging");
    delete this.frame.dataset.step;
    document.documentElement.dataset.prompt = "done";
    this.#hint("");
    this.#words(t("say.judging"));
  }

  progress(share) {
    const percent = Math.round(100 * Math.min(1, Math.max(0, share ?? 0)));
    this.bar.style.strokeDashoffset = String(100 - percent);
    this.meter.setAttribute("aria-valuenow", String(percent));
  }

  #words(text) {
    if (this.words.textContent === text) return;
    this.words.textContent = text;
    speak(text);
  }

  #hint(text) {
    clearTimeout(this.#hintTimer);
    if (this.under.textContent !== text) this.under.textContent = text;
  }
}
