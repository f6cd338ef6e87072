// Passkeys: registering a device, signing in, paying. Where the browser has a payment dialogue of its own (Secure Payment
// Confirmation), it shows amount and payee itself, and the device signs what was shown.
import { call } from "./api.js";
import { t } from "./text.js";

const SPC = "secure-payment-confirmation";

/** Whether this browser can speak of passkeys as JSON. */
export const able = typeof PublicKeyCredential !== "undefined" && "parseRequestOptionsFromJSON" in PublicKeyCredential;

/** The payer closed the dialogue, or the device gave up. */
export class NotConfirmed extends Error {
  constructor() {
    super(t("passkey.not_confirmed"));
    this.code = "not_confirmed";
  }
}

const calm = (error) => {
  if (["NotAllowedError", "AbortError", "InvalidStateError"].includes(error?.name)) return new NotConfirmed();
  return error;
};

const bytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));

/** Whether a passkey of this very device can confirm payments in the browser's own dialogue. */
export async function ownDeviceShows() {
  return able && (await hasDialogue()) && PublicKeyCredential.isUserVerifyingPlatformAuthenticatorAvailable();
}

/** Registers a device under `name`: this one, or `elsewhere` another one or a security key. */
export async function register(name, passphrase, elsewhere) {
  const options = await call("POST", "/v1/me/passkeys/options", { passphrase });
  // Browsers take a passkey for payments only from the device they run on.
  if (!elsewhere && await ownDeviceShows()) options.publicKey.authenticatorSelection.authenticatorAttachment = "platform";
  else delete options.publicKey.extensions?.payment;
  let made;
  try {
    made = await navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options.publicKey) });
  } catch (error) {
    throw calm(error);
  }
  return call("POST", "/v1/me/passkeys", { name, credential: made.toJSON() });
}

async function sign(options) {
  try {
    const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options.publicKey);
    return (await navigator.credentials.get({ publicKey })).toJSON();
  } catch (error) {
    throw calm(error);
  }
}

/** Signs in with any passkey of this site. */
export async function signIn() {
  const options = await call("POST", "/v1/sessions/passkey/options");
  return call("POST", "/v1/sessions/passkey", { credential: await sign(options) });
}

/** Whether the browser has a payment dialogue that can be answered here. */
async function hasDialogue() {
  try {
    const ask = PaymentRequest.securePaymentConfirmationAvailability;
    if (typeof ask === "function") return (await ask.call(PaymentRequest)) === "available";
    return (await PaymentRequest.isSecurePaymentConfirmationAvailable?.()) === true;
  } catch {
    return false;
  }
}

/**
 * The dialogue knows only passkeys of this very device, and does not say so when there is none: once it has ended without an
 * answer, the next try asks by the passkey's own dialogue.
 */
let dialogue = true;

/** `null` where the browser finds that it cannot ask after all. */
async function signShown({ data, total }) {
  const method = { ...data, credentialIds: data.credentialIds.map(bytes), challenge: bytes(data.challenge) };
  const request = new PaymentRequest([{ supportedMethods: SPC, data: method }], { total });
  let answer;
  try {
    answer = await request.show();
  } catch (error) {
    dialogue = false;
    if (["NotSupportedError", "SecurityError"].includes(error?.name)) return null;
    throw calm(error);
  }
  await answer.complete("success");
  return answer.details.toJSON();
}

/** Pays `intent`; gives the paid intent. */
export async function payWith(intent, secret) {
  const path = `/v1/payment_intents/${intent}`;
  const challenge = await call("POST", `${path}/passkey_challenges`, { client_secret: secret });
  const shown = dialogue && (await hasDialogue()) ? await signShown(challenge.payment) : null;
  document.documentElement.dataset.confirmed = shown ? "payment" : "passkey";
  const credential = shown ?? await sign(challenge.passkey);
  return call("POST", `${path}/confirm`, { method: "passkey", challenge: challenge.id, credential, client_secret: secret });
}
