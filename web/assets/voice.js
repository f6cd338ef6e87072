// Sentences spoken aloud, unless the payer has switched that off.
import { t } from "./text.js";

const KEY = "smilepay.voice";
const able = "speechSynthesis" in window;

function remembered() {
  try { return localStorage.getItem(KEY) !== "off"; } catch { return true; }
}
function remember(on) {
  try { localStorage.setItem(KEY, on ? "on" : "off"); } catch { /* private window: the choice lasts for this page */ }
}

let on = able && remembered();

export function speak(text) {
  if (!on || !text) return;
  speechSynthesis.cancel();
  const words = new SpeechSynthesisUtterance(text);
  words.lang = document.documentElement.lang;
  speechSynthesis.speak(words);
}

function show(button) {
  button.setAttribute("aria-pressed", String(on));
  button.querySelector("[data-voice-text]").textContent = t(on ? "voice.on" : "voice.off");
}

for (const button of document.querySelectorAll("[data-voice]")) {
  if (!able) button.remove();
  else {
    show(button);
    button.addEventListener("click", () => {
      on = !on;
      remember(on);
      if (!on) speechSynthesis.cancel();
      show(button);
    });
  }
}
