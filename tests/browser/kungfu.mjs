// Enrolling and paying with a tattoo and with a dog, through the camera on the phone's back, with a passkey beside it.
import { strict as assert } from "node:assert";
import { existsSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { SIZES, look } from "./checks.mjs";
import { holder } from "./passkey.mjs";
import { before, object, objectClip } from "./puppet.mjs";
import { PASSPHRASE, buy, enrolled, intentAt, signUp, until, window_ } from "./scene.mjs";

/** Photographs of dogs called `DOG_NUMBER.jpg`; a fresh clone has none, and nothing drawn is taken for a pet. */
const PETS = process.env.SMILEPAY_PETS ?? join(dirname(fileURLToPath(import.meta.url)), "../../../shared/data/kungfu/dog");
const LEFT_OUT = `left out: no photographs of dogs in ${PETS} (SMILEPAY_PETS names a folder)`;
const TATTOO = ["tattoo", "--drawing", "11"];
const OTHER_TATTOO = ["tattoo", "--drawing", "12"];

const quiet = (errors) => assert.deepEqual(errors, [], "console errors");
const text = (page, what) => page.locator(what).first().innerText();
const reasons = ({ captures }) => captures.map(({ heard }) => heard.at(-1)).map((m) => `${m.outcome} ${(m.reasons ?? []).join(", ")}`).join("; ");
const thing = ({ binary, puppets }, [kind, ...flags], ...more) => ({ acts: object(binary, puppets, kind, ...flags, ...more) });

/** Dogs whose sixth photograph is clearly theirs: the case is about the way of a payment; how often a dog is not recognised is
 *  measured by `evaluate kungfu`. */
const CLEAR = ["1091", "1187"];

/** Of two dogs with six photographs the files: five to enrol, one to pay. */
function dogs() {
  if (!existsSync(PETS)) return null;
  const all = new Map();
  for (const file of readdirSync(PETS).filter((f) => f.endsWith(".jpg")).sort()) {
    const [dog] = file.split("_");
    all.set(dog, [...(all.get(dog) ?? []), file]);
  }
  const clear = CLEAR.every((dog) => all.has(dog)) ? CLEAR.map((dog) => all.get(dog)) : [...all.values()];
  const whole = clear.filter((files) => files.length >= 6).slice(0, 2);
  return whole.length === 2 ? whole.map((files) => files.map((f) => join(PETS, f))) : null;
}

const photos = (files) => ["photo", ...files.flatMap((f) => ["--photo", f])];

/** Chooses what to show and opens the camera. */
async function start(page, kind) {
  await page.getByRole("radio", { name: kind }).check();
  await page.getByRole("checkbox").check();
  await page.getByLabel("Passphrase", { exact: true }).fill(PASSPHRASE);
  await page.getByRole("button", { name: "Open the camera" }).click();
}

/** From the wallet: consent, five pictures, an object in the wallet. */
async function enrol(payer, kind, named, whileCollecting = async () => {}) {
  const { page, errors } = payer;
  await page.getByRole("link", { name: "Add a tattoo or a pet" }).click();
  await start(page, kind);
  await page.locator(".views .kept").first().waitFor({ timeout: 30_000 });
  assert.equal(await page.evaluate(() => document.documentElement.dataset.facing), "environment", "the camera on the back is asked for");
  await whileCollecting();
  await enrolled(page);
  await page.waitForURL("**/wallet");
  assert.ok((await text(page, "section:has(#ways)")).includes(named));
  quiet(errors);
}

/** Buys and shows what is before the camera; gives how that ends. */
async function show({ page, context }, whileShowing = async () => {}) {
  const address = await buy(page);
  assert.equal(await until(page, ["show"]), "show");
  await page.locator("[data-when=show] [data-do=kungfu]").click();
  await until(page, ["object"]);
  await whileShowing();
  const end = await until(page, ["paid", "refused", "other"], 100_000);
  return { end, status: (await intentAt(context, address)).status };
}

/** 20 EUR are more than an object alone may pay, on its first day at that: the passkey completes it. */
async function pay(payer, whileShowing) {
  const { page, errors } = payer;
  const { end, status } = await show(payer, whileShowing);
  assert.equal(end, "other", reasons(payer));
  assert.notEqual(status, "succeeded", "an object alone pays pocket money only");
  assert.ok(payer.captures.at(-1).heard.at(-1).reasons.includes("object_matches"), reasons(payer));
  assert.ok(await page.locator("[data-way=kungfu]").isHidden(), "the same proof again is no second one");
  await page.getByRole("button", { name: "Pay with a passkey" }).click();
  await page.waitForURL("**/receipt/**");
  assert.match(await text(page, ".paper"), /Tattoo or pet/);
  assert.match(await text(page, ".paper"), /Passkey/);
  quiet(errors);
  return payer.captures.filter(({ sent }) => sent.length).length;
}

async function tattoo(world) {
  const { browser, origin, shots } = world;
  const payer = await holder(browser, origin, "Inka Painter");
  const { page, context } = payer;
  await before(context, thing(world, TATTOO, "--seed", "1"));
  await page.goto("/wallet");
  await page.getByRole("link", { name: "Add a tattoo or a pet" }).click();
  await look(page, shots, "enrol-object");
  await page.getByRole("button", { name: "Open the camera" }).click();
  assert.match(await text(page, "[data-wrong]"), /choose what you want to show/);
  await page.goto("/wallet");
  await enrol(payer, "A tattoo", "Tattoo", () => look(page, shots, "enrol-object-capture"));
  await look(page, shots, "wallet-object");
  world.tattooed = payer;
  await before(context, thing(world, TATTOO, "--seed", "2"));
  const tries = await pay(payer, async () => {
    await page.locator("[data-eye] [data-step]:not([data-step=show])").waitFor({ timeout: 30_000 });
    for (const size of SIZES) {
      await page.setViewportSize(size);
      await page.screenshot({ path: join(shots, `checkout-object-${size.width}x${size.height}.png`), animations: "disabled" });
    }
  });
  world.shown = payer.captures.at(-1).sent.map((message) => Buffer.from(message).subarray(8).toString("base64"));
  return `${tries - 1} capture(s) to pay`;
}

/** Something else before the payer's camera: no money moves. */
async function refused({ browser, origin }, payer, name, frames, wanted, whenRefused = async () => {}) {
  const window = await window_(browser, origin, { storageState: await payer.context.storageState() });
  await before(window.context, frames);
  const { end, status } = await show(window);
  const why = reasons(window);
  assert.equal(end, "refused", `${name}: ${why}`);
  assert.notEqual(status, "succeeded", name);
  assert.ok(why.includes(wanted), `${name}: ${wanted} is not among ${why}`);
  await whenRefused(window.page);
  await window.context.close();
  return `${name}: ${why}`;
}

/** Somebody else tries to add what is not theirs to add. */
async function notAdded(world, name, kind, frames, wanted) {
  const window = await window_(world.browser, world.origin);
  const { page, context, captures } = window;
  await before(context, frames);
  await signUp(page, name);
  await page.waitForURL("**/wallet");
  await page.goto("/enrol?method=kungfu");
  await start(page, kind);
  await page.locator("[data-enrol][data-state=retake], [data-enrol][data-state=enrolled]").waitFor({ state: "attached", timeout: 75_000 });
  const end = captures.at(-1).heard.at(-1);
  assert.equal(end.outcome, "retake", `${name}: ${JSON.stringify(end)}`);
  assert.match(end.reasons.join(" "), wanted, name);
  assert.doesNotMatch(end.say, /somebody|already|account/i, "nobody is told that somebody has it");
  await context.close();
  return `${name}: ${end.reasons.join(", ")}`;
}

/** All at once, each in a window of its own. */
async function attacks(world) {
  assert.ok(world.tattooed, "the tattoo was not enrolled");
  const done = await Promise.all([
    refused(world, world.tattooed, "another tattoo", thing(world, OTHER_TATTOO, "--seed", "3"), "object_differs", (page) => look(page, world.shots, "attack-object")),
    refused(world, world.tattooed, "replay", { replay: world.shown }, "replayed_frames"),
    notAdded(world, "Tattoo Thief", "A tattoo", thing(world, TATTOO, "--seed", "2"), /enrolled_elsewhere/),
    notAdded(world, "Wall Painter", "A tattoo", thing(world, ["blank"], "--seed", "5"), /not_distinct|step_timed_out/),
  ]);
  return done.join("; ");
}

/** Chromium's own fake camera: the real getUserMedia path, with a clip that goes around a tattoo. */
async function fakeCamera(world) {
  const clip = objectClip(world.binary, world.puppets, "tattoo", "--drawing", "21");
  const browser = await world.open(["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream", `--use-file-for-fake-video-capture=${clip}`]);
  try {
    const { page, captures, errors } = await window_(browser, world.origin);
    await signUp(page, "Fake Camera");
    await page.waitForURL("**/wallet");
    await page.goto("/enrol?method=kungfu");
    await start(page, "A tattoo");
    await enrolled(page);
    quiet(errors);
    const { sent } = captures.at(-1);
    assert.ok(sent.every((m) => m[8] === 0xff && m[9] === 0xd8), "JPEG after 8 bytes of time");
    return `enrolled with ${sent.length} pictures`;
  } finally {
    await browser.close();
  }
}

async function pet(world) {
  const found = dogs();
  if (!found) return LEFT_OUT;
  const [own, other] = found;
  const payer = await holder(world.browser, world.origin, "Dog Walker");
  const { page, context } = payer;
  await before(context, thing(world, photos(own.slice(0, 5)), "--seed", "1"));
  await page.goto("/wallet");
  await enrol(payer, "My pet", "Pet");
  await before(context, thing(world, photos([own[5]]), "--seed", "2"));
  await pay(payer);
  const attack = await refused(world, payer, "another dog", thing(world, photos([other[0]]), "--seed", "3"), "object_");
  await notAdded(world, "Tattoo Shower", "My pet", thing(world, TATTOO, "--seed", "2"), /no_pet/);
  await context.close();
  return attack;
}

/** Taking it back: gone from the wallet, and no longer a way to pay. */
async function erase(world) {
  const { page, errors } = world.tattooed;
  await page.goto("/wallet");
  await page.getByRole("button", { name: "Erase" }).click();
  await page.locator("#erasepass").fill(PASSPHRASE);
  await page.locator("dialog[open] button[type=submit]").click();
  await page.getByRole("link", { name: "Add a tattoo or a pet" }).waitFor();
  assert.match(await text(page, "section:has(#data)"), /Tattoo or pet, erased/);
  await buy(page);
  assert.equal(await until(page, ["no-face", "show"]), "no-face");
  quiet(errors);
}

export const kungfuCases = [
  ["kungfu: enrol a tattoo with the rear camera, pay with it and a passkey", tattoo],
  ["kungfu: another tattoo, a replay, somebody else's tattoo, a wall", attacks],
  ["kungfu: Chromium's fake camera", fakeCamera],
  ["kungfu: a dog", pet],
  ["kungfu: erase", erase],
];
