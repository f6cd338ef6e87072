// A shop's kiosk: paired, an amount, four digits, a smile. The payer switches it on and off in the wallet.
import { strict as assert } from "node:assert";
import { look } from "./checks.mjs";
import { before, puppet } from "./puppet.mjs";
import { PASSPHRASE, window_ } from "./scene.mjs";

const PAYER = "obama3";
const STRANGER = "biden";
const TABLET = { width: 820, height: 1180 };
const CAPTURE_MS = 75_000;

/** A key for one kiosk, made by the shop. */
async function kioskKey(origin, shopKey) {
  const made = await fetch(`${origin}/v1/api_keys`, {
    method: "POST",
    headers: { authorization: `Bearer ${shopKey}`, "content-type": "application/json" },
    body: JSON.stringify({ label: "kiosk", scopes: ["kiosk.pay"], per_minute: 600 }),
  });
  assert.equal(made.status, 201);
  return (await made.json()).key;
}

async function until(page, states) {
  await page.locator(states.map((s) => `[data-kiosk][data-state="${s}"]`).join(", ")).waitFor({ state: "attached", timeout: CAPTURE_MS });
  return page.locator("[data-kiosk]").getAttribute("data-state");
}

async function press(page, digits) {
  for (const digit of digits) await page.locator(`section:not([hidden]) .pad [data-digit="${digit}"]`).click();
}

/** Charges 3.50 and types the digits. */
async function charge(page, digits) {
  await press(page, "350");
  await page.locator("[data-do=charge]").click();
  assert.equal(await until(page, ["digits"]), "digits");
  await press(page, digits);
}

const pay = (page) => page.locator("[data-when=digits] [data-do=pay]").click();

/** The payer's side: off until number and consent are there. */
async function switchOn({ shots, payer: { page, errors } }) {
  await page.goto("/wallet");
  await page.locator("[data-do=kiosk]").click();
  const dialog = page.locator("[data-kiosk-dialog]");
  await dialog.locator("#kiophone").fill("+49 511 12 43-21");
  await dialog.locator("input[type=password]").fill(PASSPHRASE);
  await dialog.locator("button[type=submit]").click();
  await dialog.locator("[data-wrong]").waitFor();
  await look(page, shots, "wallet-kiosk");
  await dialog.getByRole("checkbox").check();
  await dialog.locator("button[type=submit]").click();
  await page.locator("[data-do=kiosk-off]").waitFor();
  assert.match(await page.locator("section:has(#kio)").innerText(), /last four digits/);
  assert.deepEqual(errors, []);
}

async function payAtTheKiosk(world) {
  const { browser, origin, shots, binary, puppets, shopKey, payer } = world;
  const kiosk = await window_(browser, origin, { viewport: TABLET });
  const { context, page, errors, captures } = kiosk;
  await before(context, { acts: puppet(binary, puppets, PAYER, "--seed", "12") });
  await page.goto("/kiosk");
  await look(page, shots, "kiosk-pair");
  await page.getByLabel("Key of the kiosk").fill("fk_test_wrong");
  await page.getByRole("button", { name: "Pair", exact: true }).click();
  await page.locator("[data-pair] [data-wrong]").waitFor();
  await page.getByLabel("Key of the kiosk").fill(await kioskKey(origin, shopKey));
  await page.getByRole("button", { name: "Pair", exact: true }).click();
  assert.equal(await until(page, ["amount"]), "amount");
  await press(page, "35");
  await look(page, shots, "kiosk-amount");
  await page.locator("section:not([hidden]) .pad [data-delete]").click();
  await press(page, "50");
  await page.setViewportSize(TABLET);
  await page.screenshot({ path: `${shots}/kiosk-amount-820x1180.png` });
  await page.locator("[data-do=charge]").click();
  assert.equal(await until(page, ["digits"]), "digits");
  assert.match(await page.locator("[data-due]").innerText(), /€3\.50[^]*Hannover Philatelie/);
  await press(page, "43");
  await look(page, shots, "kiosk-digits");
  await page.setViewportSize(TABLET);
  await page.screenshot({ path: `${shots}/kiosk-digits-820x1180.png` });
  await press(page, "21");
  await pay(page);
  await until(page, ["capture"]);
  await page.screenshot({ path: `${shots}/kiosk-capture-820x1180.png` });
  // A capture may be unclear; it starts again by itself.
  const end = await until(page, ["paid", "refused", "proof"]);
  assert.equal(end, "paid", JSON.stringify(captures.map((c) => c.heard.at(-1))));
  await look(page, shots, "kiosk-paid");
  await payer.page.goto("/wallet");
  assert.match(await payer.page.locator(".card:has(#pays)").innerText(), /€3\.50/);
  errors.splice(0, errors.length, ...errors.filter((line) => !/400|401/.test(line)));
  assert.deepEqual(errors, [], "the key that was wrong, and the amount that pairing asks for, are all that the browser may note");
  world.kiosk = kiosk;
  return `${captures.length} capture(s)`;
}

/** Somebody else with the payer's digits, and the payer after switching off: the same words. */
async function nobodyElse(world) {
  const { shots, binary, puppets, payer, kiosk: { context, page, captures } } = world;
  const steps = ["neutral", "smile"];
  await context.route("**/kiosk/attempts", (route) => route.continue({ postData: JSON.stringify({ ...route.request().postDataJSON(), steps }) }));
  const tries = async (who, seed) => {
    await before(context, { acts: puppet(binary, puppets, who, "--seed", seed) });
    await page.goto("/kiosk");
    await charge(page, "4321");
    await pay(page);
    await until(page, ["capture"]);
    const end = await until(page, ["digits", "paid", "refused", "proof"]);
    assert.equal(end, "digits", JSON.stringify(captures.at(-1).heard.at(-1)));
    assert.deepEqual(captures.at(-1).heard.at(-1).reasons, ["nobody_found"]);
    return page.locator("[data-again]").innerText();
  };
  const stranger = await tries(STRANGER, "14");
  await look(page, shots, "kiosk-nobody");
  await payer.page.goto("/wallet");
  await payer.page.locator("[data-do=kiosk-off]").click();
  await payer.page.locator("[data-do=kiosk]").waitFor();
  assert.equal(await tries(PAYER, "15"), stranger);
  await context.close();
}

export const kioskCases = [
  ["kiosk: switched on in the wallet", switchOn],
  ["kiosk: pay without a device of one's own", payAtTheKiosk],
  ["kiosk: another face, and a consent taken back", nobodyElse],
];
