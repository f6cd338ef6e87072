// Signing in and up, on their own pages and inside a checkout.
import { call } from "./api.js";
import { onSubmit } from "./form.js";
import { wanted } from "./page.js";
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
    if (location.pathname.startsWith("/checkout/")) location.reload();
    else location.assign(wanted() ?? "/wallet");
  });
}
