// The wallet's dialogues: what the camera may ask for, passkeys, the authenticator app, the key phrase of a voice.
import { call } from "./api.js";
import { onSubmit, wrong } from "./form.js";
import { able, ownDeviceShows, register } from "./passkey.js";

const root = document.querySelector("[data-wallet]");
const dialog = (name) => root.querySelector(`[data-dialog="${name}"]`);
const form = (name, step = "") => dialog(name).querySelector(`form${step}`);
const passkeyPath = (id) => `/v1/me/passkeys/${encodeURIComponent(id)}`;
let chosen = null;
let voice = null;

function open(name) {
  for (const each of dialog(name).querySelectorAll("form")) {
    each.reset();
    wrong(each, null);
  }
  dialog(name).showModal();
}

const done = () => location.reload();

onSubmit(form("add-passkey"), async ({ name, passphrase, elsewhere }) => {
  await register(name, passphrase, Boolean(elsewhere));
  done();
});
onSubmit(form("rename"), async ({ name }) => {
  await call("PATCH", passkeyPath(chosen), { name });
  done();
});
onSubmit(form("revoke"), async ({ passphrase }) => {
  await call("DELETE", passkeyPath(chosen), { passphrase });
  done();
});
onSubmit(form("add-otp", "[data-step=proof]"), async ({ passphrase }) => {
  const { secret, uri } = await call("POST", "/v1/me/otp", { passphrase });
  root.querySelector("[data-otp-secret]").textContent = secret.match(/.{1,4}/g).join(" ");
  root.querySelector("[data-otp-uri]").href = uri;
  form("add-otp", "[data-step=proof]").hidden = true;
  form("add-otp", "[data-step=code]").hidden = false;
  root.querySelector("#firstcode").focus();
});
onSubmit(form("add-otp", "[data-step=code]"), async ({ code }) => {
  await call("POST", "/v1/me/otp/confirm", { code });
  done();
});
const keyPhrasePath = () => `/v1/me/methods/${encodeURIComponent(voice)}/key_phrase`;
onSubmit(form("set-key-phrase"), async ({ phrase, passphrase }) => {
  await call("PUT", keyPhrasePath(), { phrase, passphrase });
  done();
});
onSubmit(form("remove-key-phrase"), async ({ passphrase }) => {
  await call("DELETE", keyPhrasePath(), { passphrase });
  done();
});
onSubmit(form("remove-otp"), async ({ passphrase }) => {
  await call("DELETE", "/v1/me/otp", { passphrase });
  done();
});

onSubmit(form("abilities"), async ({ passphrase, ...ticked }) => {
  const on = (name) => name in ticked;
  await call("PUT", "/v1/me/abilities", { smiles: on("smiles"), turns: on("turns"), colours: on("colours"), passphrase });
  done();
});

ownDeviceShows().then((shows) => { root.querySelector("[data-elsewhere]").hidden = !shows; });
if (!able) {
  root.querySelector("[data-do=add-passkey]").hidden = true;
  root.querySelector("[data-no-passkeys]").hidden = false;
}

const OPENS = ["abilities", "add-passkey", "add-otp", "remove-otp", "set-key-phrase", "remove-key-phrase"];
root.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (!button) return;
  const { do: act, rename, revoke, name } = button.dataset;
  chosen = rename ?? revoke ?? chosen;
  voice = button.dataset.voiceId ?? voice;
  if (OPENS.includes(act)) open(act);
  else if (rename) {
    open("rename");
    form("rename").elements.name.value = name;
  } else if (revoke) open("revoke");
  else if (act === "close") button.closest("dialog").close();
});
