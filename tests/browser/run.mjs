// Drives the whole scene in headless Chromium: sign-up, enrolment, shop, payment by smile, receipt; and those that must fail.
//   SMILEPAY_BIN=target/debug/smilepay node tests/browser/run.mjs [words, any of them in the case's name]
//   SMILEPAY_WEB=web/assets tries changed scripts and styles without a build; SMILEPAY_TRACE=1 prints what the server says in captures;
//   SMILEPAY_ATTACKS=all gives every species of the attack factory all three tries.
import { existsSync, mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";
import { cases } from "./cases.mjs";
import { looked, violations } from "./checks.mjs";
import { freshen } from "./puppet.mjs";
import { startServer } from "./server.mjs";

const root = join(dirname(fileURLToPath(import.meta.url)), "../..");
const binary = process.env.SMILEPAY_BIN ?? join(root, "target/debug/smilepay");
const shots = join(root, "target/screenshots");
const puppets = join(root, "target/puppets");
const executablePath = [process.env.CHROMIUM, "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find((p) => p && existsSync(p));

const CASE_MS = 150_000;
const ARGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--mute-audio"];

function inTime(work, ms) {
  let timer;
  const late = new Promise((_, reject) => { timer = setTimeout(() => reject(new Error(`not done in ${ms / 1000} s`)), ms); });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}

async function main() {
  if (!existsSync(binary)) throw new Error(`${binary} is missing: build it first (cargo build)`);
  if (!executablePath) throw new Error("Chromium is missing: install it (apt install chromium) or set CHROMIUM to its path");
  for (const folder of [shots, puppets]) mkdirSync(folder, { recursive: true });
  freshen(binary, puppets);
  const { origin, stop, shopKey } = await startServer(binary, join(root, "target/browser-server.log"));
  const open = (more = []) => chromium.launch({ executablePath, args: [...ARGS, ...more] });
  const browser = await open();
  const world = { origin, shopKey, browser, open, binary, shots, puppets };
  const words = process.argv.slice(2);
  let [passed, failed] = [0, 0];
  try {
    for (const [name, act, needed, most = CASE_MS] of cases) {
      if (words.length && !needed && !words.some((word) => name.includes(word))) continue;
      const started = Date.now();
      const say = (mark, more = "") => console.log(`${mark} ${name} (${((Date.now() - started) / 1000).toFixed(1)} s)${more}`);
      try {
        const note = await inTime(act(world), most);
        passed += 1;
        say("ok  ", note ? `: ${note}` : "");
      } catch (error) {
        failed += 1;
        say("FAIL", `\n     ${String(error.message).split("\n").slice(0, 14).join("\n     ")}`);
      }
    }
  } finally {
    await browser.close();
    await stop();
  }
  const seen = `axe-core on ${looked.size} pages and states, at two sizes, light and dark`;
  if (violations.length === 0) passed += 1;
  else failed += 1;
  console.log(violations.length === 0 ? `ok   ${seen}` : `FAIL ${seen}\n     ${violations.slice(0, 40).join("\n     ")}`);
  console.log(`${passed} passed, ${failed} failed`);
  return failed ? 1 : 0;
}

main().then((code) => process.exit(code), (error) => {
  console.error(`cannot run: ${error.message}`);
  process.exit(2);
});
