// A page that is in one state at a time: the section of that state is shown, and focus follows it.
import { t } from "./text.js";

/** Gives `show(state)`: shows `[data-when=state]` inside `root` and hides the others. */
export function states(root, whenShown = () => {}) {
  return (state) => {
    root.dataset.state = state;
    for (const section of root.querySelectorAll("[data-when]")) section.hidden = section.dataset.when !== state;
    whenShown(state);
    const section = root.querySelector(`[data-when="${state}"]`);
    section.focus({ preventScroll: true });
    if (section.getBoundingClientRect().top < 0) scrollTo({ top: 0 });
  };
}

/** Says in `root` what is wrong with the camera or the microphone: `kind` is blocked, none, busy, insecure, mic, mic_none or mic_busy. */
export function sayBlocked(root, kind) {
  const key = kind === "blocked" ? "blocked." : `blocked.${kind}_`;
  root.querySelector("[data-blocked-title]").textContent = t(`${key}title`);
  root.querySelector("[data-blocked-why]").textContent = t(`${key}why`);
  const mic = root.querySelector("[data-blocked-mic]");
  if (!mic) return;
  mic.hidden = !kind.startsWith("mic");
  root.querySelector("[data-blocked-camera]").hidden = !mic.hidden;
}
