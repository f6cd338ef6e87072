// A payment: "Pay", then the camera (or the microphone), then the receipt. Nothing in between needs a hand.
import "./page.js";
import "./sign.js";
import { call } from "./api.js";
import { CameraError } from "./camera.js";
import { capture } from "./capture.js";
import { onSubmit } from "./form.js";
import { able, payWith } from "./passkey.js";
import { camera, microphone, rearCamera } from "./sensors.js";
import { sayBlocked, states } from "./states.js";
import { t } from "./text.js";
import { speak } from "./voice.js";

/** The paid page stays this long before the receipt comes by itself. */
const PAID_MS = 2_000;
/** A retake starts by itself after this many seconds. */
const AGAIN_S = 4;

const root = document.querySelector("[data-checkout]");
const { intent } = root.dataset;
const secret = new URLSearchParams(location.search).get("client_secret") ?? "";
const devices = { face: camera(root.querySelector("[data-face]")), voice: microphone(root), kungfu: rearCamera(root) };
const otherLink = root.querySelector("[data-always] [data-do=other]");
const voice = root.querySelector("[data-always] [data-voice]");

const WITH_OTHER = ["review", "speak", "show", "no-face", "opening", "capture", "listen", "object", "retake", "blocked", "offline"];
const WITH_VOICE = ["review", "show", "opening", "capture", "object", "retake"];
/** What the page's first button pays with. */
const OWN = { review: "face", speak: "voice", show: "kungfu" };

/** What the payment is tried with. */
let device = devices.face;
/** What a voice says: `digits`, or a `phrase` of words. */
let said = "digits";
let running = null;
let countdown = null;
/** Counts the attempts, so that an abandoned one cannot change the page any more. */
let attempt = 0;

const show = states(root, (state) => {
  otherLink.hidden = !WITH_OTHER.includes(state);
  if (voice) voice.hidden = !WITH_VOICE.includes(state);
});

function reason(text) {
  for (const place of root.querySelectorAll("[data-reason]")) place.textContent = text ?? "";
}

function leaveCamera() {
  attempt += 1;
  clearInterval(countdown);
  running?.cancel();
  running = null;
  closeDevices();
}

function closeDevices() {
  for (const each of Object.values(devices)) each?.close();
}

function paid(receiptUrl) {
  leaveCamera();
  document.documentElement.dataset.prompt = "done";
  show("paid");
  speak(t("paid.say"));
  setTimeout(() => location.assign(receiptUrl), PAID_MS);
}

function refused(text, again) {
  leaveCamera();
  reason(text || t("refused.why"));
  root.querySelector("[data-again]").hidden = !again;
  show("refused");
  speak(text || t("refused.title"));
}

/** Says what to do and starts again by itself, so that no hand is needed. */
function retake(text) {
  reason(text);
  show("retake");
  speak(text);
  const place = root.querySelector("[data-count]");
  let left = AGAIN_S;
  const tick = () => {
    place.textContent = t("retake.count", { n: left });
    if (left === 0) pay();
    left -= 1;
  };
  clearInterval(countdown);
  countdown = setInterval(tick, 1_000);
  tick();
}

/** Shows the ways that complete this payment; all but the page's own when `needs` is empty. */
function offer(needs) {
  for (const way of root.querySelectorAll("[data-way]")) {
    const { way: name } = way.dataset;
    way.hidden = (needs.length ? !needs.includes(name) : name === OWN[root.dataset.home]) || (name === "passkey" && !able);
  }
}

function secondFactor({ needs = [] }) {
  leaveCamera();
  offer(needs);
  root.querySelector("[data-other-title]").textContent = t("other.step_title");
  root.querySelector("[data-other-why]").textContent = t("other.step_why");
  other();
  speak(t("other.step_why"));
}

function other() {
  leaveCamera();
  show("other");
  root.querySelector("[data-way]:not([hidden]) :is(input, button)")?.focus();
}

/** The payment is not open any more: find out whether it was paid. */
async function ended() {
  leaveCamera();
  try {
    const now = await call("GET", `/v1/payment_intents/${intent}?${new URLSearchParams({ client_secret: secret })}`);
    if (now.status === "succeeded" || now.status === "requires_capture") return paid(`/receipt/${now.receipt}`);
  } catch { /* it is gone: say so */ }
  show("expired");
}

const BY_CODE = {
  offline: () => { leaveCamera(); show("offline"); },
  not_signed_in: () => { leaveCamera(); show("sign-in"); },
  csrf: () => location.reload(),
  not_enrolled: () => { leaveCamera(); show("no-face"); },
  payment_state: ended,
  not_found: ended,
};

function stopped(problem) {
  if (problem instanceof CameraError) {
    leaveCamera();
    sayBlocked(root, problem.kind);
    show("blocked");
  } else (BY_CODE[problem.code] ?? (() => refused(problem.message, false)))();
}

const BY_OUTCOME = {
  paid: (end) => paid(end.receipt_url),
  step_up: secondFactor,
  retake: (end) => (end.tries_left === 0 ? refused(end.say, false) : retake(end.say)),
  refused: (end) => refused(end.say, end.tries_left > 0),
  lost: () => (navigator.onLine ? retake(t("retake.lost")) : BY_CODE.offline()),
};

async function pay() {
  clearInterval(countdown);
  attempt += 1;
  const mine = attempt;
  try {
    if (!device.opened()) {
      show("opening");
      await device.open();
      if (mine !== attempt) return device.close();
    }
    const body = { method: device.method, client_secret: secret };
    if (device.method === "voice") body.prompt = said;
    const challenge = await call("POST", `/v1/payment_intents/${intent}/challenges`, body);
    if (mine !== attempt) return;
    if (challenge.camera) await device.openCamera();
    if (mine !== attempt) return;
    device.view.reset();
    show(device.state);
    running = capture(challenge.capture_url, device.send, device.on);
    const end = await running.result;
    if (mine === attempt) (BY_OUTCOME[end.outcome] ?? BY_OUTCOME.lost)(end);
  } catch (problem) {
    if (mine === attempt) stopped(problem);
  }
}

onSubmit(root.querySelector("form[data-other]"), async ({ passphrase }) => {
  const body = { method: "passphrase", passphrase, client_secret: secret };
  await settle(() => call("POST", `/v1/payment_intents/${intent}/confirm`, body));
});

const otp = root.querySelector("form[data-otp]");
if (otp) onSubmit(otp, async ({ code }) => {
  await settle(() => call("POST", `/v1/payment_intents/${intent}/confirm`, { method: "otp", code, client_secret: secret }));
});

/** Pays by `act`; asks for one more way when the payment needs it. What is left to say is thrown. */
async function settle(act) {
  try {
    const now = await act();
    paid(`/receipt/${now.receipt}`);
  } catch (problem) {
    if (problem.code === "step_up_required") return secondFactor(problem);
    if (!BY_CODE[problem.code] || problem.code === "offline") throw problem;
    BY_CODE[problem.code]();
  }
}

async function passkey() {
  const place = root.querySelector("[data-way=passkey] [data-passkey-wrong]");
  const button = root.querySelector("[data-do=passkey]");
  if (button.getAttribute("aria-busy") === "true") return;
  place.hidden = true;
  button.setAttribute("aria-busy", "true");
  try {
    await settle(() => payWith(intent, secret));
  } catch (problem) {
    place.hidden = false;
    place.textContent = problem.message;
  } finally {
    button.removeAttribute("aria-busy");
  }
}

/** Begins again with another sensor. */
function payBy(method) {
  leaveCamera();
  device = devices[method];
  for (const place of root.querySelectorAll("[data-opening]")) place.hidden = place.dataset.opening !== method;
  pay();
}

const ACTS = {
  pay,
  face: () => payBy("face"),
  voice: () => { said = "digits"; payBy("voice"); },
  words: () => { said = "phrase"; payBy("voice"); },
  kungfu: () => payBy("kungfu"),
  other,
  passkey,
  back: () => show(root.dataset.home),
};
root.dataset.home = root.dataset.state;
offer([]);
root.addEventListener("click", (event) => {
  const act = event.target.closest("[data-do]")?.dataset.do;
  if (act) ACTS[act]?.();
});
addEventListener("pagehide", closeDevices);
