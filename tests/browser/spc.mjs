// Secure Payment Confirmation: the browser's own payment dialogue, answered by the debugger.
import { strict as assert } from "node:assert";
import { createServer } from "node:http";
import { challengeOf, confirm, holder, openIntent, unpaid } from "./passkey.mjs";
import { intentAt } from "./scene.mjs";

const FLAG = "--enable-features=SecurePaymentConfirmationBrowser";
const clientData = (credential) => JSON.parse(Buffer.from(credential.response.clientDataJSON, "base64url"));

/** A browser with the dialogue. */
const dialogue = (act) => async (world) => {
  const browser = await world.open([FLAG]);
  try {
    return await act({ ...world, browser });
  } finally {
    await browser.close();
  }
};

/** How the dialogue is answered: autoAccept, autoReject or none. */
async function answering(cdp, mode) {
  await cdp.send("Page.enable");
  await cdp.send("Page.setSPCTransactionMode", { mode });
}

/** The bodies of all confirmations that the page sends. */
function confirmations(page) {
  const sent = [];
  page.on("request", (request) => { if (request.url().endsWith("/confirm")) sent.push(request.postDataJSON()); });
  return sent;
}

async function press(page) {
  const other = page.getByRole("button", { name: "Another way to pay" });
  if (await other.isVisible()) await other.click();
  await page.getByRole("button", { name: "Pay with a passkey" }).click();
}

const notConfirmed = (page) => page.locator("[data-when=other] [data-passkey-wrong]:visible").waitFor();

/** What the dialogue signs for `payment`, asked in the page by a click. */
async function shown(page, payment) {
  await page.evaluate((payment) => {
    const bytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));
    const { data, total } = payment;
    const button = document.createElement("button");
    button.id = "ask";
    button.textContent = "ask";
    button.onclick = async () => {
      const method = { ...data, credentialIds: data.credentialIds.map(bytes), challenge: bytes(data.challenge) };
      try {
        const answer = await new PaymentRequest([{ supportedMethods: "secure-payment-confirmation", data: method }], { total }).show();
        await answer.complete("success");
        window.answered = answer.details.toJSON();
      } catch (error) {
        window.answered = { refused: `${error.name}: ${error.message}` };
      }
    };
    document.body.prepend(button);
  }, payment);
  await page.locator("#ask").click();
  const answered = await page.waitForFunction(() => window.answered);
  const value = await answered.jsonValue();
  await page.evaluate(() => {
    delete window.answered;
    document.querySelector("#ask").remove();
  });
  return value;
}

/** Shown, signed, paid; and what was shown is what was signed. */
const pays = dialogue(async ({ browser, origin }) => {
  const { context, page, cdp } = await holder(browser, origin, "Shown Payer");
  await answering(cdp, "autoAccept");
  const sent = confirmations(page);
  const intent = await openIntent(page);
  await press(page);
  await page.waitForURL("**/receipt/**");
  assert.equal((await intentAt(context, intent.address)).status, "succeeded");
  const { type, payment } = clientData(sent[0].credential);
  assert.equal(type, "payment.get");
  assert.deepEqual([payment.total, payment.payeeName, payment.topOrigin], [{ value: "20.00", currency: "EUR" }, "Hannover Philatelie", origin]);
  // The payer says no: nothing is sent.
  await answering(cdp, "autoReject");
  const refused = await openIntent(page);
  await press(page);
  await notConfirmed(page);
  assert.equal(sent.length, 1);
  await unpaid(context, refused);
});

/** The page lies to the payer about the total or the payee: the device signs the lie, the server refuses it. */
const lies = dialogue(async ({ browser, origin }) => {
  const { context, page, cdp } = await holder(browser, origin, "Lied To");
  await answering(cdp, "autoAccept");
  const sent = confirmations(page);
  const bends = {
    total: (payment) => { payment.total.amount.value = "2.00"; },
    currency: (payment) => { payment.total.amount.currency = "JPY"; payment.total.amount.value = "20"; },
    payee: (payment) => { payment.data.payeeName = "A friend"; },
  };
  for (const [what, bend] of Object.entries(bends)) {
    const intent = await openIntent(page);
    await page.route("**/passkey_challenges", async (route) => {
      const reply = await route.fetch();
      const body = await reply.json();
      bend(body.payment);
      await route.fulfill({ response: reply, json: body });
    });
    const answered = page.waitForResponse((r) => r.url().endsWith("/confirm"));
    await press(page);
    const reply = await answered;
    assert.deepEqual([reply.status(), (await reply.json()).code], [403, "proof_failed"], what);
    await notConfirmed(page);
    await page.unroute("**/passkey_challenges");
    assert.equal(clientData(sent.at(-1).credential).type, "payment.get", what);
    await unpaid(context, intent);
  }
  return Object.keys(bends).join(", ");
});

/** The same answer again; an answer that another site got; a device that did not verify. */
const refusals = dialogue(async ({ browser, origin }) => {
  const { context, page, cdp, authenticatorId } = await holder(browser, origin, "Careful Shown");
  await answering(cdp, "autoAccept");
  const refused = async (intent, challenge, credential, why) => {
    const reply = await confirm(page, intent, challenge, credential);
    assert.deepEqual([reply.status, reply.body.code], [403, "proof_failed"], `${why}: ${JSON.stringify(reply.body)}`);
    await unpaid(context, intent);
  };
  const paid = await openIntent(page);
  let challenge = await challengeOf(page, paid);
  const good = await shown(page, challenge.payment);
  assert.equal((await confirm(page, paid, challenge.id, good)).status, 200, JSON.stringify(good));
  const open = await openIntent(page);
  const again = await confirm(page, open, challenge.id, good);
  assert.deepEqual([again.status, again.body.code], [401, "capture_token"], "a used challenge");
  challenge = await challengeOf(page, open);
  await refused(open, challenge.id, good, "a replay");
  // Any site may ask for this passkey's dialogue; what it gets names that site.
  challenge = await challengeOf(page, open);
  const home = page.url();
  const trap = createServer((_, reply) => reply.setHeader("content-type", "text/html").end("<!doctype html><title>trap</title><body></body>"));
  await new Promise((ready) => trap.listen(0, "127.0.0.1", ready));
  await page.goto(`http://localhost:${trap.address().port}/`);
  const icon = { ...challenge.payment.data.instrument, icon: `${origin}/assets/mark.svg`, iconMustBeShown: false };
  const phished = await shown(page, { ...challenge.payment, data: { ...challenge.payment.data, instrument: icon } });
  trap.close();
  await page.goto(home);
  if (phished.response) {
    assert.notEqual(clientData(phished).origin, origin);
    await refused(open, challenge.id, phished, "another origin");
  }
  // The dialogue asks for user verification itself: without it there is no answer at all.
  await cdp.send("WebAuthn.setUserVerified", { authenticatorId, isUserVerified: false });
  const sent = confirmations(page);
  const last = await openIntent(page);
  await press(page);
  await notConfirmed(page);
  assert.equal(sent.length, 0, "an unverified answer was sent");
  await unpaid(context, last);
  return phished.response ? "another origin got a signature and it was refused" : `another origin got none: ${phished.refused}`;
});

/** A passkey of another device, in a browser that has the dialogue: the passkey's own dialogue takes over. */
const elsewhere = dialogue(async ({ browser, origin }) => {
  const { context, page, cdp } = await holder(browser, origin, "Key Elsewhere", { device: { transport: "usb" }, elsewhere: true });
  await answering(cdp, "autoAccept");
  const sent = confirmations(page);
  const intent = await openIntent(page);
  await press(page);
  await Promise.race([notConfirmed(page), page.waitForURL("**/receipt/**")]);
  if (!page.url().includes("/receipt/")) await press(page);
  await page.waitForURL("**/receipt/**");
  assert.equal(clientData(sent.at(-1).credential).type, "webauthn.get");
  assert.equal((await intentAt(context, intent.address)).status, "succeeded");
});

/** No dialogue in this browser: the passkey signs the hash of the same terms. */
async function unavailable({ browser, origin }) {
  const { context, page } = await holder(browser, origin, "No Dialogue");
  const sent = confirmations(page);
  const intent = await openIntent(page);
  assert.notEqual(await page.evaluate(() => PaymentRequest?.securePaymentConfirmationAvailability?.()), "available");
  await press(page);
  await page.waitForURL("**/receipt/**");
  assert.equal(clientData(sent[0].credential).type, "webauthn.get");
  assert.equal((await intentAt(context, intent.address)).status, "succeeded");
  await context.close();
}

export const spcCases = [
  ["payment dialogue: shown and paid, or not confirmed", pays],
  ["payment dialogue: a tampered total, currency and payee are refused", lies],
  ["payment dialogue: a replay, another origin, no user verification", refusals],
  ["payment dialogue: a passkey from elsewhere falls back", elsewhere],
  ["payment dialogue: unavailable, the passkey pays", unavailable],
];
