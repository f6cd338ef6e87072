// Pages for every pair of hands, eyes and ears.
import { strict as assert } from "node:assert";
import { join } from "node:path";
import { SIZES, accessible } from "./checks.mjs";
import { before, puppet } from "./puppet.mjs";
import { buy, hands, until, window_ } from "./scene.mjs";

const own = async (world, options = {}) =>
  window_(world.browser, world.origin, { storageState: await world.payer.context.storageState(), ...options });

/** Addresses of all pages that the payer can open. */
async function pages(page) {
  await page.goto("/wallet");
  const receipt = await page.locator("a[href^='/receipt/']").first().getAttribute("href");
  const checkout = (await buy(page)).href;
  return { shop: "/", wallet: "/wallet", enrol: "/enrol?renew=1", privacy: "/privacy", receipt, order: null, checkout };
}

async function eachPage(world, options, act) {
  const { context, page } = await own(world, options);
  const found = await pages(page);
  for (const [name, path] of Object.entries(found)) {
    if (!path) continue;
    await page.goto(path);
    await act(page, name);
  }
  await context.close();
  return Object.keys(found).length - 1;
}

/** Everything that can be pressed is reached by Tab alone, in sight, with a visible focus; Tab never gets stuck. */
async function switchAccess(world) {
  let pressed = 0;
  await eachPage(world, {}, async (page, name) => {
    const all = await page.evaluate(() => {
      const able = [...document.querySelectorAll("a[href], button, input, summary")].filter((e) => e.checkVisibility() && !e.disabled && e.type !== "hidden" && !e.closest("dialog:not([open])"));
      able.forEach((e, i) => { e.dataset.order = String(i); });
      return able.length;
    });
    const reached = new Set();
    for (let i = 0; i < all + 3 && reached.size < all; i += 1) {
      await page.keyboard.press("Tab");
      pressed += 1;
      const at = await page.evaluate(() => {
        const e = document.activeElement;
        const box = e.getBoundingClientRect();
        const style = getComputedStyle(e);
        return { order: e.dataset.order, words: e.textContent.trim().slice(0, 30), outline: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2, seen: box.bottom > 0 && box.top < innerHeight };
      });
      if (at.order === undefined) continue;
      assert.ok(at.outline, `${name}: the focus on "${at.words}" cannot be seen`);
      assert.ok(at.seen, `${name}: "${at.words}" has the focus out of sight`);
      reached.add(at.order);
    }
    assert.equal(reached.size, all, `${name}: Tab reaches ${reached.size} of ${all}`);
  });
  return `${pressed} presses of Tab`;
}

/** More contrast, the system's own colours, no motion. */
async function wishes(world) {
  const { shots } = world;
  for (const [wish, media] of [["contrast", { contrast: "more" }], ["forced-colors", { forcedColors: "active" }]]) {
    for (const colorScheme of ["light", "dark"]) {
      await eachPage(world, { ...media, colorScheme }, async (page, name) => {
        await accessible(page, `${name} with ${wish}, ${colorScheme}`);
        if (colorScheme === "light") await page.screenshot({ path: join(shots, `${wish}-${name}.png`), animations: "disabled" });
        const bare = await page.evaluate(() => [...document.querySelectorAll(".btn")].filter((e) => e.checkVisibility() && getComputedStyle(e).borderTopStyle === "none").length);
        assert.equal(bare, 0, `${name}: buttons without a border with ${wish}`);
      });
    }
  }
  await eachPage(world, { reducedMotion: "reduce" }, async (page, name) => {
    const moving = await page.evaluate(() => {
      for (const section of document.querySelectorAll("[data-when]")) section.hidden = false;
      return document.getAnimations().filter((a) => a.playState === "running" && a.effect.getComputedTiming().duration > 20).map((a) => a.animationName);
    });
    assert.deepEqual(moving, [], `${name} moves`);
  });
}

/** Text twice as large: everything is still there, nothing is cut off, and nothing scrolls sideways. */
async function largeText(world) {
  const { shots } = world;
  for (const size of SIZES) {
    await eachPage(world, { viewport: size }, async (page, name) => {
      await page.evaluate(() => { document.documentElement.style.fontSize = "200%"; });
      const faults = await page.evaluate(() => {
        const faults = [];
        if (document.documentElement.scrollWidth > innerWidth) faults.push(`scrolls sideways: ${document.documentElement.scrollWidth} of ${innerWidth} px`);
        for (const e of document.querySelectorAll("main *, header *, footer *")) {
          if (!e.checkVisibility() || e.closest(".vh, svg, video")) continue;
          const { overflowX, overflowY } = getComputedStyle(e);
          const cut = (overflowX === "hidden" && e.scrollWidth > e.clientWidth + 1) || (overflowY === "hidden" && e.scrollHeight > e.clientHeight + 1);
          if (cut) faults.push(`${e.tagName} "${e.textContent.trim().slice(0, 30)}" is cut off`);
        }
        return faults;
      });
      assert.deepEqual(faults, [], `${name} at 200 %, ${size.width} px`);
      await page.screenshot({ path: join(shots, `large-${name}-${size.width}.png`) });
    });
  }
}

// Runs in the page: keeps what is spoken, in which language, and whether the same words stand on the page.
function listen() {
  window.spoken = [];
  const speak = (words) => {
    const { text, lang } = words;
    requestAnimationFrame(() => window.spoken.push({ text, lang, written: document.body.innerText.includes(text) }));
  };
  Object.defineProperty(window, "speechSynthesis", { value: { speak, cancel() {} } });
}

/** Each spoken prompt is written on the page at the same time, in the page's language. */
const captions = (locale, language, smile) => async (world) => {
  const { binary, puppets } = world;
  const { context, page } = await own(world, { locale });
  await context.addInitScript(listen);
  await before(context, { acts: puppet(binary, puppets, "obama3", "--seed", "9") });
  await buy(page);
  await until(page, ["review"]);
  await page.locator("[data-when=review] [data-do=face]").click();
  const pressed = await hands(page);
  await until(page, ["capture"]);
  await page.waitForFunction((smile) => window.spoken.some((s) => s.text === smile), smile, { timeout: 60_000 });
  const spoken = await page.evaluate(() => window.spoken);
  assert.equal(await hands(page), pressed, "nothing needed a hand");
  for (const { text, lang, written } of spoken) {
    assert.equal(lang, language, text);
    assert.ok(written, `spoken and not written: ${text}`);
  }
  await context.close();
  return spoken.map((s) => s.text).join(" · ");
};

/** The page says what else there is for whoever cannot smile, turn, blink, see, hear, speak or hold a phone. */
async function alternatives(world) {
  const { context, page } = await own(world);
  await buy(page);
  await until(page, ["review"]);
  await page.getByText("If something is hard for you").click();
  const said = await page.locator("[data-ways]").innerText();
  for (const what of ["smile", "blink", "see the page", "hear", "speak", "hold a phone", "more time"]) assert.ok(said.includes(what), `${what}: ${said}`);
  await context.close();
}

export const handsCases = [
  ["hands: alternatives are said", alternatives],
  ["hands: Tab alone reaches everything", switchAccess],
  ["hands: contrast, forced colours, reduced motion", wishes],
  ["hands: text at 200 %", largeText],
  ["hands: prompts are written, in German", captions("de-DE", "de", "Jetzt lächeln")],
  ["hands: prompts are written, in Chinese", captions("zh-CN", "zh-CN", "现在请微笑")],
];
