// The wallet: erase a method, withdraw a consent or give it again, sign out.
import "./devices.js";
import "./page.js";
import { call } from "./api.js";
import { onSubmit, wrong } from "./form.js";
import { t } from "./text.js";

const root = document.querySelector("[data-wallet]");
const dialog = root.querySelector("[data-erase-dialog]");
const form = dialog.querySelector("form");
let erasing = null;

onSubmit(form, async ({ passphrase }) => {
  await call("DELETE", `/v1/me/methods/${encodeURIComponent(erasing)}`, { passphrase });
  location.reload();
});

// There only while the consent to pay with an enrolled method is withdrawn.
const agreement = (method) => root.querySelector(`[data-agreement=${method}]`);
for (const agree of root.querySelectorAll("[data-agreement]")) {
  const { purpose, method, version, locale } = agree.dataset;
  onSubmit(agree.querySelector("form"), async ({ passphrase }) => {
    await call("POST", "/v1/me/consents", { purpose, method, text_version: version, locale, accepted: true, passphrase });
    location.reload();
  });
}

// Kiosks: the number's last digits and the consent belong together.
const kiosk = root.querySelector("[data-kiosk-dialog]");
if (kiosk) onSubmit(kiosk.querySelector("form"), async ({ number, passphrase }) => {
  const { version, locale } = kiosk.dataset;
  await call("PUT", "/v1/me/phone", { number, passphrase });
  await call("POST", "/v1/me/consents", { purpose: "kiosk", method: "face", text_version: version, locale, accepted: true, passphrase });
  location.reload();
});

root.addEventListener("click", async (event) => {
  const button = event.target.closest("button");
  if (button?.dataset.erase) {
    erasing = button.dataset.erase;
    dialog.querySelector("h2").textContent = t("erase.which", { name: button.dataset.name });
    form.reset();
    wrong(form, null);
    dialog.showModal();
  } else if (button?.dataset.withdraw) {
    await call("DELETE", `/v1/me/consents/${encodeURIComponent(button.dataset.withdraw)}`);
    location.reload();
  } else if (button?.dataset.agree) {
    agreement(button.dataset.agree).querySelector("form").reset();
    agreement(button.dataset.agree).showModal();
  } else if (button?.dataset.do === "kiosk") {
    kiosk.querySelector("form").reset();
    kiosk.showModal();
  } else if (button?.dataset.do === "kiosk-off") {
    await call("DELETE", "/v1/me/phone");
    if (button.dataset.consent) await call("DELETE", `/v1/me/consents/${encodeURIComponent(button.dataset.consent)}`);
    location.reload();
  } else if (button?.dataset.do === "sign-out") {
    await call("DELETE", "/v1/sessions/current").catch(() => null);
    location.assign("/");
  }
});
