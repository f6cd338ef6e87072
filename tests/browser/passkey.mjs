// Passkeys and one-time codes, with Chromium's virtual authenticator.
import { strict as assert } from "node:assert";
import { createHmac } from "node:crypto";
import { createServer } from "node:http";
import { look } from "./checks.mjs";
import { PASSPHRASE, buy, intentAt, signUp, until, window_ } from "./scene.mjs";

const quiet = (errors) => assert.deepEqual(errors, [], "console errors");
const text = (page, what) => page.locator(what).first().innerText();

/** Puts a virtual authenticator into the page's browser; `options` change it. */
export async function authenticator(context, page, options = {}) {
  const cdp = await context.newCDPSession(page);
  await cdp.send("WebAuthn.enable");
  const { authenticatorId } = await cdp.send("WebAuthn.addVirtualAuthenticator", {
    options: { protocol: "ctap2", ctap2Version: "ctap2_1", transport: "internal", hasResidentKey: true, hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true, ...options },
  });
  return { cdp, authenticatorId };
}

/** A wallet with one passkey. */
export async function holder(browser, origin, name, { device: options, elsewhere = false } = {}) {
  const window = await window_(browser, origin);
  const { context, page } = window;
  // A computer that could hold a passkey itself, although this one lies elsewhere.
  if (elsewhere) await context.addInitScript(() => { 
    PublicKeyCredential.isUserVerifyingPlatformAuthenticatorAvailable = async () => true;
    PaymentRequest.securePaymentConfirmationAvailability = async () => "available";
  });
  const device = await authenticator(context, page, options);
  await signUp(page, name);
  await page.waitForURL("**/wallet");
  await page.getByRole("button", { name: "Add a passkey" }).click();
  await page.locator("#pkname").fill("My phone");
  await page.locator("#pkpass").fill(PASSPHRASE);
  if (elsewhere) await page.locator("[name=elsewhere]").check();
  await page.locator("[data-dialog=add-passkey] button[type=submit]").click();
  await page.getByText("Added", { exact: false }).first().waitFor();
  await page.locator("[data-rename]").waitFor();
  return { ...window, ...device };
}

/** A signed answer to `publicKey` options, made in the page. */
export const answer = (page, options, change = {}) => page.evaluate(async ([options, change]) => {
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON({ ...options, ...change });
  try {
    return (await navigator.credentials.get({ publicKey })).toJSON();
  } catch (error) {
    return { refused: error.name };
  }
}, [options, change]);

/** Calls the API as the page does. */
export const api = (page, method, path, body) => page.evaluate(async ([method, path, body]) => {
  const token = document.querySelector('meta[name="csrf-token"]').content;
  const reply = await fetch(path, { method, headers: { "content-type": "application/json", "x-csrf-token": token }, body: JSON.stringify(body) });
  return { status: reply.status, body: await reply.json().catch(() => null) };
}, [method, path, body]);

export async function openIntent(page) {
  const address = await buy(page);
  await until(page, ["no-face", "review"]);
  return { address, id: address.pathname.split("/").pop(), secret: address.searchParams.get("client_secret") };
}

export const challengeOf = async (page, { id, secret }) => {
  const made = await api(page, "POST", `/v1/payment_intents/${id}/passkey_challenges`, { client_secret: secret });
  assert.equal(made.status, 201, JSON.stringify(made.body));
  return made.body;
};

export const confirm = (page, { id, secret }, challenge, credential) =>
  api(page, "POST", `/v1/payment_intents/${id}/confirm`, { method: "passkey", challenge, credential, client_secret: secret });

export const unpaid = async (context, { address }) => assert.notEqual((await intentAt(context, address)).status, "succeeded");

/** Register, name, sign in without an address, pay, and see it on the receipt. */
async function passkeyPays(world) {
  const { browser, origin, shots } = world;
  const { context, page, errors } = await holder(browser, origin, "Pass Key");
  await look(page, shots, "wallet-passkey");
  await page.getByRole("button", { name: "Rename My phone" }).click();
  await page.locator("#newname").fill("Work phone");
  await page.locator("[data-dialog=rename] button[type=submit]").click();
  await page.getByRole("button", { name: "Revoke Work phone" }).waitFor();
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.waitForURL(`${origin}/`);
  await page.goto("/sign-in");
  await look(page, shots, "sign-in-passkey");
  await page.getByRole("button", { name: "Sign in with a passkey" }).click();
  await page.waitForURL("**/wallet");
  const intent = await openIntent(page);
  await page.getByRole("button", { name: "Another way to pay" }).click();
  await look(page, shots, "checkout-passkey");
  await page.getByRole("button", { name: "Pay with a passkey" }).click();
  await page.waitForURL("**/receipt/**");
  assert.match(await text(page, ".paper"), /Passkey/);
  assert.equal((await intentAt(context, intent.address)).status, "succeeded");
  quiet(errors);
  world.passkeys = { context, page };
}

/** The signature is for one amount, one payee, one payment, once. */
async function passkeyNegatives({ browser, origin }) {
  const { context, page, cdp, authenticatorId } = await holder(browser, origin, "Careful Payer");
  const [one, two] = [await openIntent(page), null];
  const refused = async (intent, challenge, credential, why) => {
    const reply = await confirm(page, intent, challenge, credential);
    assert.deepEqual([reply.status, reply.body.code], [403, "proof_failed"], `${why}: ${JSON.stringify(reply.body)}`);
    await unpaid(context, intent);
  };
  // Another payment's signature: the hash of other terms.
  const other = await openIntent(page);
  const foreign = await challengeOf(page, other);
  const signedOther = await answer(page, foreign.passkey.publicKey);
  let challenge = await challengeOf(page, one);
  await refused(one, challenge.id, signedOther, "another payment's signature");
  // The same challenge with another amount in it: what a page that lies about the amount would let sign.
  challenge = await challengeOf(page, one);
  const bent = Buffer.from(challenge.passkey.publicKey.challenge, "base64url");
  bent[0] ^= 1;
  const tampered = await answer(page, challenge.passkey.publicKey, { challenge: bent.toString("base64url") });
  await refused(one, challenge.id, tampered, "a tampered amount");
  // No user verification: the browser refuses to ask, and the server refuses the answer of a lazy page.
  await cdp.send("WebAuthn.setUserVerified", { authenticatorId, isUserVerified: false });
  challenge = await challengeOf(page, one);
  assert.equal((await answer(page, challenge.passkey.publicKey)).refused, "NotAllowedError");
  const unverified = await answer(page, challenge.passkey.publicKey, { userVerification: "discouraged" });
  assert.equal(Buffer.from(unverified.response.authenticatorData, "base64url")[32] & 4, 0, "the device did verify");
  await refused(one, challenge.id, unverified, "no user verification");
  await cdp.send("WebAuthn.setUserVerified", { authenticatorId, isUserVerified: true });
  // Another origin on the same host: same relying party, wrong page.
  challenge = await challengeOf(page, one);
  const trap = createServer((_, reply) => reply.setHeader("content-type", "text/html").end("<!doctype html><title>trap</title>"));
  await new Promise((ready) => trap.listen(0, "127.0.0.1", ready));
  const home = page.url();
  await page.goto(`http://localhost:${trap.address().port}/`);
  const phished = await answer(page, challenge.passkey.publicKey);
  trap.close();
  assert.ok(phished.response, `the trap got no signature: ${JSON.stringify(phished)}`);
  await page.goto(home);
  await refused(one, challenge.id, phished, "another origin");
  // Paid once; the same answer again, and a used challenge, pay nothing more.
  const three = await openIntent(page);
  challenge = await challengeOf(page, three);
  const good = await answer(page, challenge.passkey.publicKey);
  assert.equal((await confirm(page, three, challenge.id, good)).status, 200);
  const four = await openIntent(page);
  const replay = await confirm(page, four, challenge.id, good);
  assert.deepEqual([replay.status, replay.body.code], [401, "capture_token"]);
  challenge = await challengeOf(page, four);
  await refused(four, challenge.id, good, "a replay");
  assert.equal(two, null);
  await context.close();
}

/** A copy of the key shows by its counter: the passkey is revoked. */
async function passkeyClone({ browser, origin }) {
  const { context, page, cdp, authenticatorId } = await holder(browser, origin, "Cloned Key");
  const { credentials: [key] } = await cdp.send("WebAuthn.getCredentials", { authenticatorId });
  const first = await openIntent(page);
  let challenge = await challengeOf(page, first);
  assert.equal((await confirm(page, first, challenge.id, await answer(page, challenge.passkey.publicKey))).status, 200);
  // The copy was taken before that payment.
  await cdp.send("WebAuthn.removeCredential", { authenticatorId, credentialId: key.credentialId });
  await cdp.send("WebAuthn.addCredential", { authenticatorId, credential: key });
  const second = await openIntent(page);
  challenge = await challengeOf(page, second);
  const reply = await confirm(page, second, challenge.id, await answer(page, challenge.passkey.publicKey));
  assert.deepEqual([reply.status, reply.body.code], [403, "proof_failed"]);
  await unpaid(context, second);
  await page.goto("/wallet");
  assert.match(await text(page, "section:has(#news)"), /a copy of its key was used/);
  assert.equal(await page.locator("[data-revoke]").count(), 0);
  await context.close();
}

const BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/** RFC 6238, by hand. */
function totp(secret, step) {
  const bits = [...secret].map((c) => BASE32.indexOf(c).toString(2).padStart(5, "0")).join("");
  const key = Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  const mac = createHmac("sha1", key).update(counter).digest();
  return String((mac.readUInt32BE(mac.at(-1) & 15) & 0x7fffffff) % 1_000_000).padStart(6, "0");
}

const step = () => Math.floor(Date.now() / 30_000);

/** An authenticator app is set up; its code alone asks for one more proof, with the passphrase it pays. */
async function oneTimeCode({ browser, origin, shots }) {
  const { context, page, errors } = await window_(browser, origin);
  await signUp(page, "Code Reader");
  await page.waitForURL("**/wallet");
  await page.getByRole("button", { name: "Set up an app" }).click();
  await page.locator("#otppass").fill(PASSPHRASE);
  await page.locator("[data-step=proof] button[type=submit]").click();
  await page.locator("#firstcode").waitFor();
  await look(page, shots, "wallet-otp");
  const secret = (await text(page, "[data-otp-secret]")).replaceAll(" ", "");
  const used = step();
  await page.locator("#firstcode").fill(totp(secret, used));
  await page.locator("[data-step=code] button[type=submit]").click();
  await page.getByRole("button", { name: "Remove the app" }).waitFor();
  const intent = await openIntent(page);
  await page.getByRole("button", { name: "Another way to pay" }).click();
  quiet(errors);
  // A code is good once.
  await page.locator("#otpcode").fill(totp(secret, used));
  await page.getByRole("button", { name: "Pay with the code" }).click();
  await page.locator("[data-otp] [data-wrong]:visible").waitFor();
  await unpaid(context, intent);
  await page.locator("#otpcode").fill(totp(secret, used + 1));
  await page.getByRole("button", { name: "Pay with the code" }).click();
  await page.getByText("One more proof").waitFor();
  await unpaid(context, intent);
  assert.ok(await page.locator("#otpcode").isHidden(), "the same proof again is no second one");
  await look(page, shots, "checkout-step-up");
  await page.locator("#otherpass").fill(PASSPHRASE);
  await page.locator("[data-when=other] [data-way=passphrase] button[type=submit]").click();
  await page.waitForURL("**/receipt/**");
  assert.match(await text(page, ".paper"), /Passphrase \+ One-time code/);
  await context.close();
}

export const passkeyCases = [
  ["passkey: register, sign in, pay", passkeyPays],
  ["passkey: another payment, a tampered amount, no verification, another origin, a replay", passkeyNegatives],
  ["passkey: a cloned key is revoked", passkeyClone],
  ["one-time code: set up, used once, second factor", oneTimeCode],
];
