// Calls to our own API. A refusal is thrown as a Problem with the server's code and its advice.
import { t } from "./text.js";

const TIMEOUT_MS = 35_000;

export class Problem extends Error {
  constructor(status, code, detail, needs = []) {
    super(detail || t("error.generic"));
    this.status = status;
    this.code = code;
    this.needs = needs;
  }
}

const csrf = () => document.querySelector('meta[name="csrf-token"]')?.content;

/** Sends `body` as JSON, with `more` headers; gives the answer's JSON, or null when there is none. */
export async function call(method, path, body, more = {}) {
  const headers = { accept: "application/json", ...more };
  if (body !== undefined) headers["content-type"] = "application/json";
  if (csrf()) headers["x-csrf-token"] = csrf();
  let answer;
  try {
    answer = await fetch(path, {
      method,
      headers,
      body: body === undefined ? undefined : JSON.stringify(body),
      credentials: "same-origin",
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
  } catch {
    throw new Problem(0, "offline", t("offline.why"));
  }
  const json = await answer.json().catch(() => null);
  if (!answer.ok) throw new Problem(answer.status, json?.code ?? "unknown", json?.detail, json?.needs);
  return json;
}
