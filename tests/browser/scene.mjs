// The steps that the cases share: a payer, a face, a purchase, a capture.
import { strict as assert } from "node:assert";
import { existsSync } from "node:fs";

export const PASSPHRASE = "a stamp for the mayor";
const STEP_MS = 10_000;
const CAPTURE_MS = 75_000;

/** A browser window of its own. Console errors are collected in `errors`; hands on the page are counted. */
export async function window_(browser, origin, options = {}) {
  const context = await browser.newContext({ baseURL: origin, viewport: { width: 360, height: 780 }, reducedMotion: "reduce", ...options });
  context.setDefaultTimeout(STEP_MS);
  if (process.env.SMILEPAY_WEB) await context.route("**/assets/*", (route) => {
    const file = `${process.env.SMILEPAY_WEB}/${new URL(route.request().url()).pathname.split("/").pop()}`;
    return existsSync(file) ? route.fulfill({ path: file }) : route.continue();
  });
  const errors = [];
  await context.addInitScript(countHands);
  const page = await context.newPage();
  page.on("pageerror", (error) => errors.push(error.message));
  page.on("console", (line) => {
    if (line.type() === "error") errors.push(`${line.text()} ${line.location().url}`);
  });
  const captures = [];
  page.on("websocket", (socket) => {
    const capture = { sent: [], heard: [] };
    captures.push(capture);
    socket.on("framesent", ({ payload }) => {
      if (typeof payload !== "string") capture.sent.push(payload);
    });
    socket.on("framereceived", ({ payload }) => {
      const message = JSON.parse(payload);
      capture.heard.push(message);
      if (process.env.SMILEPAY_TRACE) console.log(`${(performance.now() / 1000).toFixed(2)} s, ${capture.sent.length} pictures:`, payload);
    });
  });
  return { context, page, errors, captures };
}

// Runs in the page: every real touch, click and key is counted over page changes.
function countHands() {
  const note = (event) => {
    if (!event.isTrusted) return;
    sessionStorage.setItem("hands", String(Number(sessionStorage.getItem("hands") ?? 0) + 1));
  };
  for (const kind of ["pointerdown", "pointerup", "mousedown", "touchstart", "keydown", "keyup", "click", "input", "wheel"]) addEventListener(kind, note, { capture: true });
}

export const hands = (page) => page.evaluate(() => Number(sessionStorage.getItem("hands") ?? 0));

export async function signUp(page, name) {
  await page.goto("/sign-up");
  await page.getByLabel("Name").fill(name);
  await page.getByLabel("Email").fill(`${name.toLowerCase().replaceAll(/\W/g, ".")}@example.com`);
  await page.getByLabel("Passphrase", { exact: true }).fill(PASSPHRASE);
  await page.getByRole("button", { name: "Open the wallet" }).click();
}

/** Fills in the consent and opens the camera. */
export async function startEnrolment(page) {
  await page.getByRole("checkbox").check();
  await page.getByLabel("Passphrase", { exact: true }).fill(PASSPHRASE);
  await page.getByRole("button", { name: "Open the camera" }).click();
}

export async function enrolled(page) {
  await page.locator("[data-enrol][data-state=enrolled], [data-enrol][data-state=retake], [data-enrol][data-state=blocked]").waitFor({ state: "attached", timeout: CAPTURE_MS });
  assert.equal(await page.locator("[data-enrol]").getAttribute("data-state"), "enrolled", await page.locator("[data-reason]").textContent());
}

/** From the shop to the checkout. Gives the intent's address. */
export async function buy(page) {
  await page.goto("/");
  await page.locator("form[action='/shop/buy'] button").click();
  await page.waitForURL("**/checkout/**");
  return new URL(page.url());
}

export const pressPay = (page) => page.locator("[data-when=review] [data-do=face]").click();

/** Waits until the checkout is in one of `states`; gives which. */
export async function until(page, states, timeout = CAPTURE_MS) {
  const any = states.map((s) => `[data-checkout][data-state="${s}"]`).join(", ");
  await page.locator(any).waitFor({ state: "attached", timeout });
  return page.locator("[data-checkout]").getAttribute("data-state");
}

/** What the API says of the payment at `address`. */
export async function intentAt(context, address) {
  const id = address.pathname.split("/").pop();
  return (await context.request.get(`/v1/payment_intents/${id}${address.search}`)).json();
}

/** The date in six days, as the pages write it. */
export function promised(now = new Date()) {
  const date = new Date(now.getTime() + 6 * 24 * 3_600_000);
  const part = (options) => date.toLocaleDateString("en-GB", { timeZone: "UTC", ...options });
  return `${part({ weekday: "long" })}, ${part({ day: "numeric" })} ${part({ month: "long" })} ${part({ year: "numeric" })}`;
}
