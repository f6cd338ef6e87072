// Passkeys: registering a device, signing in, paying.
import { call } from "./api.js";
import { t } from "./text.js";

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

/** Registers this device under `name`. */
export async function register(name, passphrase) {
  const options = await call("POST", "/v1/me/passkeys/options", { passphrase });
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

/** Pays `intent`; gives the paid intent. */
export async function payWith(intent, secret) {
  const path = `/v1/payment_intents/${intent}`;
  const challenge = await call("POST", `${path}/passkey_challenges`, { client_secret: secret });
  const credential = await sign(challenge.passkey);
  return call("POST", `${path}/confirm`, { method: "passkey", challenge: challenge.id, credential, client_secret: secret });
}
