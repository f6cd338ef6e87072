// Enrolment: the payer agrees first, then the camera (or the microphone) opens, then the views (or utterances) are collected.
import { call } from "./api.js";
import { CameraError } from "./camera.js";
import { capture } from "./capture.js";
import { camera, microphone, rearCamera } from "./sensors.js";
import { onSubmit, wrong } from "./form.js";
import { wanted } from "./page.js";
import { sayBlocked, states } from "./states.js";
import { t } from "./text.js";
import { speak } from "./voice.js";

/** The last page stays this long before the next comes by itself. */
const DONE_MS = 2_500;

const root = document.querySelector("[data-enrol]");
const form = root.querySelector("form");
const device = microphone(root) ?? rearCamera(root) ?? camera(root);
const dots = root.querySelector("[data-views]");
const show = states(root);
let running = null;

function views({ kept, of }) {
  if (dots.children.length !== of) dots.replaceChildren(...Array.from({ length: of }, () => document.createElement("li")));
  [...dots.children].forEach((dot, i) => dot.classList.toggle("kept", i < kept));
  root.querySelector("[data-views-text]").textContent = t(device.method === "voice" ? "enrol_voice.views" : "enrol.views", { kept, of });
}

function leaveCamera() {
  running = null;
  device.close();
}

function enrolled() {
  document.documentElement.dataset.prompt = "done";
  show("enrolled");
  speak(root.querySelector("[data-when=enrolled] h2").textContent);
  setTimeout(() => location.assign(wanted() ?? "/wallet"), DONE_MS);
}

function retake(text) {
  root.querySelector("[data-reason]").textContent = text ?? "";
  show("retake");
  speak(text);
}

function stopped(problem) {
  if (problem instanceof CameraError) {
    sayBlocked(root, problem.kind);
    show("blocked");
  } else if (problem.code === "offline") show("offline");
  else if (problem.code === "not_signed_in") location.assign(`/sign-in?${new URLSearchParams({ return: location.pathname + location.search })}`);
  else {
    show("intro");
    wrong(form, problem.message, form.elements.passphrase);
  }
}

async function collect(grant) {
  device.view.reset();
  dots.replaceChildren();
  show("capture");
  running = capture(grant.capture_url, device.send, { ...device.on, view: views });
  const end = await running.result;
  if (end.outcome === "enrolled") enrolled();
  else if (root.dataset.state === "capture") retake(end.outcome === "lost" ? t("enrol.lost") : end.say);
}

// Open means: a guardian agrees for somebody under 14.
const minor = root.querySelector("[data-guardian]");
minor.addEventListener("toggle", () => {
  for (const input of minor.querySelectorAll("input")) input.required = minor.open;
});

const guardian = ({ born, guardian_email: email, guardian_passphrase: passphrase }) => ({ born_on: born, email, passphrase });

onSubmit(form, async ({ passphrase, ...others }) => {
  show("opening");
  try {
    await device.open();
    const consent = { text_version: root.dataset.textVersion, locale: root.dataset.textLocale, accepted: form.elements.consent.checked };
    if (minor.open) consent.guardian = guardian(others);
    const kind = form.elements.kind?.value;
    const grant = await call("POST", "/v1/me/enrolments", { method: device.method, ...(kind && { kind }), passphrase, consent });
    await collect(grant);
  } catch (problem) {
    stopped(problem);
  } finally {
    leaveCamera();
  }
});

const ACTS = {
  intro: () => show("intro"),
  cancel: () => {
    show("intro");
    running?.cancel();
  },
};
root.addEventListener("click", (event) => {
  const act = event.target.closest("[data-do]")?.dataset.do;
  if (act) ACTS[act]?.();
});
addEventListener("pagehide", () => device.close());
