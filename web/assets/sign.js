// Signing in and up, on their own pages and inside a checkout.
import { call } from "./api.js";
import { onSubmit } from "./form.js";
import { wanted } from "./page.js";
import { able, signIn } from "./passkey.js";
import { t } from "./text.js";

const SIGN = { in: "/v1/sessions", up: "/v1/payers" };

for (const form of document.querySelectorAll("form[data-sign]")) {
  onSubmit(form, async (values) => {
    try {
      await call("POST", SIGN[form.dataset.sign], values);
    } catch (problem) {
      if (problem.code === "sign_in_failed") problem.message = t("error.sign_in");
      throw problem;
    }
    goOn();
  });
}

function goOn() {
  if (location.pathname.startsWith("/checkout/")) location.reload();
  else location.assign(wanted() ?? "/wallet");
}

for (const place of document.querySelectorAll("[data-sign-passkey]")) {
  place.hidden = !able;
  const wrong = place.querySelector("[data-passkey-wrong]");
  place.querySelector("button").addEventListener("click", async () => {
    wrong.hidden = true;
    try {
      await signIn();
      goOn();
    } catch (problem) {
      wrong.hidden = false;
      wrong.textContent = problem.code === "sign_in_failed" ? t("error.passkey") : problem.message;
    }
  });
}
