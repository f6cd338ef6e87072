// The wallet: erase a method, sign out.
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

root.addEventListener("click", async (event) => {
  const button = event.target.closest("button");
  if (button?.dataset.erase) {
    erasing = button.dataset.erase;
    dialog.querySelector("h2").textContent = t("erase.which", { name: button.dataset.name });
    form.reset();
    wrong(form, null);
    dialog.showModal();
  } else if (button?.dataset.do === "sign-out") {
    await call("DELETE", "/v1/sessions/current").catch(() => null);
    location.assign("/");
  }
});
