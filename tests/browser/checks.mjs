// What every page must be, whatever it shows.
import { strict as assert } from "node:assert";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

export const SIZES = [{ width: 360, height: 780 }, { width: 1280, height: 800 }];
const SMALLEST_TARGET = 44;
const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
/** Rules of WCAG 2.2 AA and axe's own advice. */
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
/** Every page and state that was looked at, for the count in the report. */
export const looked = new Set();
/** What axe-core found on them; judged at the end, so that one run shows everything. */
export const violations = [];

/** axe-core's violations on the page as it stands. */
export async function accessible(page, name) {
  // Through the debugger: the page's own policy lets no foreign script in.
  if (!(await page.evaluate("typeof axe === 'object'"))) await page.evaluate(AXE);
  const found = await page.evaluate(async (rules) => {
    const { violations } = await axe.run(document, { runOnly: { type: "tag", values: rules }, resultTypes: ["violations"] });
    return violations.flatMap(({ id, nodes }) => nodes.map((n) => `${id}: ${n.target.join(" ")} ${n.failureSummary.split("\n")[1] ?? ""}`));
  }, RULES);
  violations.push(...found.map((what) => `${name}: ${what}`));
}

/** Photographs `page` at both sizes and checks it in light and (unless `quick`) dark. */
export async function look(page, folder, name, { quick = false } = {}) {
  looked.add(name);
  for (const size of SIZES) {
    await page.setViewportSize(size);
    await page.screenshot({ path: join(folder, `${name}-${size.width}x${size.height}.png`), animations: "disabled" });
    for (const colorScheme of quick ? ["light"] : ["light", "dark"]) {
      await page.emulateMedia({ colorScheme });
      const faults = await page.evaluate(inspect, SMALLEST_TARGET);
      assert.deepEqual(faults, [], `${name} at ${size.width} px, ${colorScheme}`);
      if ((colorScheme === "light" && !quick) || size === SIZES[0]) await accessible(page, `${name} at ${size.width} px, ${colorScheme}`);
    }
    await page.emulateMedia({ colorScheme: "light" });
  }
}

// Runs in the page; gives what is wrong with it.
function inspect(smallest) {
  const faults = [];
  const seen = (e) => e.checkVisibility({ checkVisibilityCSS: true, checkOpacity: true });
  const all = (what) => [...document.querySelectorAll(what)].filter(seen);
  const name = (e) => `${e.tagName.toLowerCase()} "${(e.textContent || e.id || e.name || "").trim().slice(0, 30)}"`;

  if (document.documentElement.scrollWidth > innerWidth) faults.push(`scrolls sideways: ${document.documentElement.scrollWidth} px`);
  if (document.querySelectorAll("h1").length !== 1) faults.push(`${document.querySelectorAll("h1").length} h1`);
  if (!document.title || !document.documentElement.lang) faults.push("no title or language");
  for (const input of document.querySelectorAll("input:not([type=hidden])")) if (!input.labels.length) faults.push(`${name(input)} has no label`);
  for (const picture of document.querySelectorAll("img")) if (!picture.hasAttribute("alt")) faults.push(`${picture.src} has no text`);
  for (const button of document.querySelectorAll("button, a")) if (!button.textContent.trim()) faults.push(`${button.outerHTML.slice(0, 60)} has no words`);
  for (const target of all("button, .btn, .link, input:not([type=checkbox], [type=radio]), nav a, .foot a")) {
    const { height } = target.getBoundingClientRect();
    if (height < smallest && !target.closest(".vh")) faults.push(`${name(target)} is ${height} px high`);
  }

  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const rgba = (colour) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const bright = ([r, g, b]) => [r, g, b].map((v) => v / 255).map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)).reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const ground = (e) => {
    for (let at = e; at; at = at.parentElement) {
      const colour = rgba(getComputedStyle(at).backgroundColor);
      if (colour[3] > 250) return colour;
    }
    return [255, 255, 255, 255];
  };
  const words = (e) => [...e.childNodes].some((n) => n.nodeType === Node.TEXT_NODE && n.textContent.trim());
  for (const e of all("main *, header *, footer *").filter(words)) {
    if (e.closest(".vh, [disabled]")) continue;
    const style = getComputedStyle(e);
    const [a, b] = [bright(rgba(style.color)), bright(ground(e))].sort((x, y) => y - x);
    const ratio = (a + 0.05) / (b + 0.05);
    const large = parseFloat(style.fontSize) >= 24 || (parseFloat(style.fontSize) >= 18.66 && style.fontWeight >= 700);
    if (ratio < (large ? 3 : 4.5)) faults.push(`${name(e)} has contrast ${ratio.toFixed(2)}`);
  }
  return faults;
}
