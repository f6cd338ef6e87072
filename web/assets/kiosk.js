// A shop's kiosk: the shop types the amount, the payer four digits, then the camera. The key that this device was paired with does the rest.
import "./page.js";
import { call } from "./api.js";
import { CameraError } from "./camera.js";
import { capture } from "./capture.js";
import { onSubmit } from "./form.js";
import { camera } from "./sensors.js";
import { sayBlocked, states } from "./states.js";
import { t } from "./text.js";
import { speak } from "./voice.js";

/** Where this browser keeps the key. It may do nothing but be a kiosk, and the shop can revoke it. */
const KEY = "smilepay.kiosk";
/** The kiosk is ready for the next one after this long. */
const NEXT_MS = 12_000;
/** Nobody touched it for this long before the camera: the payment is given up. */
const LEFT_MS = 90_000;
/** A retake starts by itself after this many seconds. */
const AGAIN_S = 4;
const DIGITS = 4;
/** Largest amount that can be typed, minor units. */
const MOST = 9_999_999;

const root = document.querySelector("[data-kiosk]");
const { currency } = root.dataset;
const device = camera(root.querySelector("[data-face]"));
const money = new Intl.NumberFormat(document.documentElement.lang, { style: "currency", currency });
const perUnit = 10 ** money.resolvedOptions().maximumFractionDigits;
const amount = (minor) => money.format(minor / perUnit);

/** What is typed, what is to be paid, and the attempt that waits for a proof. */
let typed = { amount: 0, digits: "" };
let due = null;
let waiting = null;
let running = null;
let timer = null;
let countdown = null;
/** Counts what was begun, so that what was given up cannot change the page any more. */
let turn = 0;

const show = states(root, (state) => {
  root.querySelector("[data-due]").hidden = !due || ["pair", "amount", "paid"].includes(state);
  clearTimeout(timer);
  if (["paid", "refused", "ended"].includes(state)) timer = setTimeout(next, NEXT_MS);
  if (["digits", "proof", "retake", "blocked", "paused"].includes(state)) timer = setTimeout(next, LEFT_MS);
});

const key = () => localStorage.getItem(KEY);
const ask = (path, body, headers = {}) =>
  call("POST", `/v1/kiosk/${path}`, body, { authorization: `Bearer ${key()}`, ...headers });

function fill(name, text) {
  for (const place of root.querySelectorAll(`[data-${name}]`)) place.textContent = text;
}

function showTyped() {
  fill("typed-amount", amount(typed.amount));
  fill("charge", typed.amount ? t("kiosk.charge", { amount: amount(typed.amount) }) : t("kiosk.amount_why"));
  root.querySelector("[data-do=charge]").disabled = !typed.amount;
  [...root.querySelectorAll("[data-slots] li")].forEach((slot, i) => { slot.textContent = typed.digits[i] ?? ""; });
  fill("typed-digits", t("kiosk.typed", { n: typed.digits.length }));
  root.querySelector("[data-when=digits] [data-do=pay]").disabled = typed.digits.length !== DIGITS;
}

function leave() {
  turn += 1;
  clearInterval(countdown);
  running?.cancel();
  running = null;
  device.close();
}

/** Ready for the next payment. */
function next() {
  leave();
  typed = { amount: 0, digits: "" };
  due = waiting = null;
  fill("again", "");
  // Until something is to be paid; no button is ever without words.
  fill("pay", t("kiosk.title"));
  root.querySelector("[data-again]").hidden = true;
  root.querySelector("[data-amount-wrong]").hidden = true;
  for (const form of root.querySelectorAll("[data-proof]")) form.reset();
  showTyped();
  show(key() ? "amount" : "pair");
}

function type(digit) {
  if (root.dataset.state === "amount" && typed.amount * 10 + digit <= MOST) typed.amount = typed.amount * 10 + digit;
  if (root.dataset.state === "digits" && typed.digits.length < DIGITS) typed.digits += digit;
  showTyped();
}

function erase() {
  if (root.dataset.state === "amount") typed.amount = Math.floor(typed.amount / 10);
  if (root.dataset.state === "digits") typed.digits = typed.digits.slice(0, -1);
  showTyped();
}

async function charge() {
  const wrong = root.querySelector("[data-amount-wrong]");
  wrong.hidden = true;
  try {
    const body = { amount: typed.amount, currency };
    const made = await ask("payment_intents", body, { "idempotency-key": crypto.randomUUID() });
    due = { id: made.id, secret: made.client_secret, minor: made.amount, payee: made.payee };
    fill("amount", amount(due.minor));
    fill("payee", t("due.to", { payee: due.payee }));
    fill("pay", t("kiosk.pay", { amount: amount(due.minor), payee: due.payee }));
    show("digits");
  } catch (problem) {
    if (["unknown_key", "scope_missing"].includes(problem.code)) return unpair();
    wrong.hidden = false;
    wrong.textContent = problem.message;
  }
}

function reason(text) {
  fill("reason", text ?? "");
}

function paid() {
  leave();
  show("paid");
  speak(t("kiosk.paid"));
}

function refused(text) {
  leave();
  reason(text || t("refused.why"));
  show("refused");
  speak(text || t("kiosk.refused"));
}

/** The digits may be wrong: they are asked for again, and nothing says whether somebody has them. */
function nobody(text) {
  leave();
  typed.digits = "";
  showTyped();
  fill("again", text);
  root.querySelector("[data-again]").hidden = false;
  show("digits");
  speak(text);
}

/** Says what to do and starts again by itself. */
function retake(text) {
  reason(text);
  show("retake");
  speak(text);
  let left = AGAIN_S;
  const tick = () => {
    fill("count", t("retake.count", { n: left }));
    if (left === 0) pay();
    left -= 1;
  };
  clearInterval(countdown);
  countdown = setInterval(tick, 1_000);
  tick();
}

function proof(needs = []) {
  leave();
  for (const form of root.querySelectorAll("[data-proof]")) form.hidden = !needs.includes(form.dataset.proof);
  show("proof");
  root.querySelector("[data-proof]:not([hidden]) input")?.focus();
  speak(t("kiosk.proof_why"));
}

const BY_CODE = {
  offline: () => { leave(); show("offline"); },
  paused: () => { leave(); show("paused"); },
  payment_state: () => { leave(); show("ended"); },
  not_found: () => { leave(); show("ended"); },
  unknown_key: unpair,
  scope_missing: unpair,
};

function stopped(problem) {
  if (problem instanceof CameraError) {
    leave();
    sayBlocked(root, problem.kind);
    show("blocked");
  } else (BY_CODE[problem.code] ?? (() => refused(problem.message)))();
}

/** A retake that asks for the digits again says so by its words, in test mode and in live mode alike. */
const askedForDigits = (end) => end.say === t("end.nobody_found");

const BY_OUTCOME = {
  paid,
  step_up: (end) => proof(end.needs),
  retake: (end) => {
    if (end.tries_left === 0) refused(end.say);
    else if (askedForDigits(end)) nobody(end.say);
    else retake(end.say);
  },
  refused: (end) => refused(end.say),
  lost: () => (navigator.onLine ? retake(t("retake.lost")) : BY_CODE.offline()),
};

async function pay() {
  if (!due || typed.digits.length !== DIGITS) return;
  clearInterval(countdown);
  turn += 1;
  const mine = turn;
  try {
    if (!device.opened()) {
      show("opening");
      await device.open();
      if (mine !== turn) return device.close();
    }
    const attempt = await ask("attempts", { payment_intent: due.id, client_secret: due.secret, last_digits: typed.digits });
    if (mine !== turn) return;
    waiting = attempt.id;
    device.view.reset();
    show(device.state);
    running = capture(attempt.capture_url, device.send, device.on);
    const end = await running.result;
    if (mine === turn) (BY_OUTCOME[end.outcome] ?? BY_OUTCOME.lost)(end);
  } catch (problem) {
    if (mine === turn) stopped(problem);
  }
}

for (const form of root.querySelectorAll("[data-proof]")) {
  onSubmit(form, async (values) => {
    try {
      await ask(`attempts/${waiting}/confirm`, { method: form.dataset.proof, ...values });
    } catch (problem) {
      if (problem.code === "step_up_required") return proof(problem.needs);
      if (!BY_CODE[problem.code] || problem.code === "offline") throw problem;
      return BY_CODE[problem.code]();
    }
    paid();
  });
}

onSubmit(root.querySelector("[data-pair]"), async ({ key: given }) => {
  localStorage.setItem(KEY, given.trim());
  try {
    // Nothing is charged: a kiosk's key is told that this amount cannot be, another key that it may not.
    await ask("payment_intents", { amount: 0, currency }, { "idempotency-key": crypto.randomUUID() });
  } catch (problem) {
    if (problem.code !== "invalid_request") {
      localStorage.removeItem(KEY);
      throw problem.code === "offline" ? problem : new Error(t("kiosk.pair_wrong"));
    }
  }
  root.querySelector("[data-pair]").reset();
  next();
});

function unpair() {
  localStorage.removeItem(KEY);
  next();
}

for (const place of root.querySelectorAll("[data-pad-of]")) place.append(root.querySelector("[data-pad]").content.cloneNode(true));
const ACTS = { charge, pay, cancel: next, unpair };
root.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (button?.dataset.digit) type(Number(button.dataset.digit));
  else if (button && "delete" in button.dataset) erase();
  else ACTS[button?.dataset.do]?.();
});
addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey || !["amount", "digits"].includes(root.dataset.state)) return;
  if (/^[0-9]$/.test(event.key)) type(Number(event.key));
  else if (event.key === "Backspace") erase();
});
addEventListener("pagehide", () => device.close());
next();
