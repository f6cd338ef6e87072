// Forms: one sentence about the first thing that is wrong, at the field and where a screen reader hears it.
import { t } from "./text.js";

const labelOf = (input) => input.labels?.[0]?.textContent.trim() ?? input.name;

function complaint(input) {
  const { validity } = input;
  if (input.type === "radio" && validity.valueMissing) return t("object.which_missing");
  if (input.type === "checkbox" && validity.valueMissing) return t("enrol.consent_missing");
  if (validity.valueMissing) return t("field.missing", { field: labelOf(input) });
  if (validity.tooShort) return t("field.short", { n: input.minLength });
  if (validity.typeMismatch) return t("field.email_wrong");
  return validity.valid ? null : t("error.generic");
}

export function wrong(form, text, input) {
  const place = form.querySelector("[data-wrong]");
  place.hidden = !text;
  place.textContent = text ?? "";
  for (const each of form.elements) each.removeAttribute("aria-invalid");
  if (text && input) {
    input.setAttribute("aria-invalid", "true");
    input.focus();
  }
}

/** Checks the fields, then runs `act(values)` once; what it throws is shown in the form. */
export function onSubmit(form, act) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const button = form.querySelector("button[type=submit]");
    if (button.getAttribute("aria-busy") === "true") return;
    const bad = [...form.elements].find((input) => complaint(input));
    wrong(form, bad && complaint(bad), bad);
    if (bad) return;
    button.setAttribute("aria-busy", "true");
    try {
      await act(Object.fromEntries(new FormData(form)));
    } catch (problem) {
      wrong(form, problem.message, form.querySelector("input[type=password]"));
    } finally {
      button.removeAttribute("aria-busy");
    }
  });
}
