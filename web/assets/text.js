// The catalogue of texts, the same one that the pages use.
import strings from "./strings.js";

/** The text of `key`, with each `{name}` replaced. */
export function t(key, values = {}) {
  const text = strings[key] ?? key;
  return text.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));
}
