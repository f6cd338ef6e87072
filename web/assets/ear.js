// The round view while somebody speaks: the digits, how loud it is, how much has been heard. Nothing is spoken aloud here: the
// microphone would hear it.
import { t } from "./text.js";

/** Digits are shown in groups that are read in one breath. */
const GROUPS = { 6: [3, 3], 12: [3, 3, 3, 3] };
/** Louder than this fills the meter. */
const FULL = 0.2;

function grouped(digits) {
  let at = 0;
  return (GROUPS[digits.length] ?? [digits.length]).map((length) => digits.slice(at, (at += length)));
}

export class Ear {
  constructor(root) {
    const find = (name) => root.querySelector(name);
    this.frame = find("[data-ear]");
    this.video = find("[data-ear] video");
    this.bar = find("[data-ear] .bar");
    this.level = find("[data-ear] .level");
    this.meter = find("[data-ear-progress]");
    this.sentence = find("[data-ear-say]");
    this.asked = find("[data-ear-digits]");
    this.under = find("[data-ear-hint]");
  }

  reset() {
    this.frame.classList.remove("judging", "speaking");
    delete document.documentElement.dataset.digits;
    delete document.documentElement.dataset.words;
    delete document.documentElement.dataset.prompt;
    this.own();
    this.sentence.textContent = t("say.ear");
    this.asked.replaceChildren();
    this.under.textContent = "";
    this.progress(0);
    this.loud(0);
  }

  digits({ digits, ...message }) {
    document.documentElement.dataset.digits = digits;
    // So that a screen reader says digits, not a number.
    this.ask(grouped(digits).map((group) => ({ text: group, label: [...group].join(" ") })), { ...message, kind: "digits" });
  }

  words({ words, ...message }) {
    document.documentElement.dataset.words = words;
    this.ask(words.split(" ").map((text) => ({ text })), { ...message, kind: "words" });
  }

  /** The payer's own words: never on the screen. */
  keyPhrase(message) {
    this.ask([{ text: "• • •", label: t("say.own_words") }], { ...message, language: document.documentElement.lang, kind: "key-phrase" });
  }

  /** Shows the parts of a prompt in its own language. */
  ask(parts, { kind, say, language, number, of }) {
    this.frame.classList.remove("judging");
    this.progress(0);
    if (this.under.textContent === t("say.heard")) this.under.textContent = "";
    this.sentence.textContent = of > 1 ? t("say.part", { say, number, of }) : say;
    this.sentence.lang = language;
    this.asked.lang = language;
    this.asked.replaceChildren(...parts.map(({ text, label }) => {
      const part = document.createElement("span");
      part.textContent = text;
      if (label) part.setAttribute("aria-label", label);
      return part;
    }));
    document.documentElement.dataset.prompt = `${kind}-${number}-${Date.now()}`;
  }

  heard({ speaking, progress }) {
    this.frame.classList.toggle("speaking", speaking);
    this.progress(progress);
    if (speaking) this.under.textContent = t("say.heard");
  }

  /** Shows who speaks, or only that somebody listens. */
  watch(on) {
    this.video.hidden = !on;
    this.frame.classList.toggle("watching", on);
  }

  hint({ say }) { this.under.textContent = say; }

  judging() {
    this.frame.classList.add("judging");
    this.frame.classList.remove("speaking");
    document.documentElement.dataset.prompt = "done";
    this.own();
    this.sentence.textContent = t("say.judging");
    this.asked.replaceChildren();
    this.under.textContent = "";
    this.loud(0);
  }

  /** Back to the page's own language. */
  own() {
    for (const place of [this.sentence, this.asked]) place.removeAttribute("lang");
  }

  progress(share) {
    const percent = Math.round(100 * Math.min(1, Math.max(0, share ?? 0)));
    this.bar.style.strokeDashoffset = String(100 - percent);
    this.meter.setAttribute("aria-valuenow", String(percent));
  }

  loud(share) { this.level.style.transform = `scale(${0.35 + 0.65 * Math.min(1, share / FULL)})`; }
}
