// Every page and every state in each language: nothing left in English, nothing broken, nothing out of place.
import { strict as assert } from "node:assert";
import { look } from "./checks.mjs";
import { buy, until, window_ } from "./scene.mjs";

const LANGUAGES = { de: "de-AT", "zh-CN": "zh-CN" };
const NAMES = { de: "Deutsch", "zh-CN": "简体中文", en: "English" };

/** The catalogue as the scripts get it. */
async function catalogue(context, language) {
  const text = await (await context.request.get("/assets/strings.js", { headers: { "accept-language": language, cookie: "" } })).text();
  return JSON.parse(text.slice(text.indexOf("{"), text.lastIndexOf("}") + 1));
}

/** Texts on the page, labels included, that stand in English although there is a translation. */
const leftInEnglish = (page, english) => page.evaluate((english) => {
  const found = new Set();
  const note = (text) => { if (english.includes(text?.trim())) found.add(text.trim()); };
  const walk = document.createTreeWalker(document.documentElement, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) note(walk.currentNode.textContent);
  for (const e of document.querySelectorAll("[aria-label], [alt], [placeholder]")) {
    for (const name of ["aria-label", "alt", "placeholder"]) note(e.getAttribute(name));
  }
  note(document.title);
  return [...found];
}, english);

/** Shows each `[data-when]` section of the page as its script would, with `act(state)`. */
async function eachState(page, act) {
  const states = await page.locator("[data-when]").evaluateAll((all) => [...new Set(all.map((e) => e.dataset.when))]);
  for (const state of states) {
    await page.evaluate((state) => {
      const section = document.querySelector(`[data-when="${state}"]`);
      section.closest("[data-state]").dataset.state = state;
      for (const each of document.querySelectorAll("[data-when]")) each.hidden = each !== section;
    }, state);
    await act(state);
  }
}

const everyPage = (language) => async ({ browser, origin, shots, payer }) => {
  const locale = LANGUAGES[language];
  const guest = await window_(browser, origin, { locale });
  const own = await window_(browser, origin, { locale, storageState: await payer.context.storageState() });
  const [english, translated] = [await catalogue(guest.context, "en"), await catalogue(guest.context, language)];
  assert.deepEqual(Object.keys(english), Object.keys(translated));
  // What was bought keeps the name that it was sold under.
  const sold = ["shop.order", "shop.ship_to", "kiosk.item"];
  const foreign = Object.keys(english).filter((key) => !sold.includes(key) && english[key] !== translated[key] && !english[key].includes("{")).map((key) => english[key]);
  assert.ok(foreign.length > 250, `${foreign.length} texts`);
  let seen = 0;
  const check = async (page, name) => {
    assert.equal(await page.evaluate(() => document.documentElement.lang), language, name);
    assert.deepEqual(await leftInEnglish(page, foreign), [], `${name} in ${language}`);
    await look(page, shots, `${language}-${name}`, { quick: true });
    seen += 1;
  };
  for (const [name, path] of [["shop", "/"], ["sign-in", "/sign-in"], ["sign-up", "/sign-up"], ["privacy", "/privacy"], ["faces", "/faces"], ["not-found", "/nowhere"]]) {
    await guest.page.goto(path);
    await check(guest.page, name);
  }
  await buy(guest.page);
  await check(guest.page, "checkout-sign-in");
  const { page } = own;
  await page.goto("/wallet");
  await check(page, "wallet");
  for (const dialog of await page.locator("dialog").all()) {
    await dialog.evaluate((d) => d.showModal());
    await check(page, `wallet-${await dialog.evaluate((d) => d.dataset.dialog ?? "erase")}`);
    await dialog.evaluate((d) => d.close());
  }
  const receipt = await page.locator("a[href^='/receipt/']").first().getAttribute("href");
  await page.goto(receipt);
  await check(page, "receipt");
  await page.goto(await page.locator("a[href^='/order/']").getAttribute("href"));
  await check(page, "order");
  for (const [name, path] of [["enrol", "/enrol?renew=1"], ["enrol-voice", "/enrol?method=voice"]]) {
    await page.goto(path);
    await page.locator("details").evaluateAll((all) => all.forEach((d) => { d.open = true; }));
    await eachState(page, (state) => check(page, `${name}-${state}`));
  }
  await buy(page);
  await until(page, ["review"]);
  await page.locator("[data-ways]").evaluate((d) => { d.open = true; });
  await check(page, "checkout-ways");
  await page.locator("[data-ways]").evaluate((d) => { d.open = false; });
  await eachState(page, (state) => check(page, `checkout-${state}`));
  await guest.context.close();
  await own.context.close();
  return `${seen} pages and states`;
};

/** The choice on the page counts before the browser's wish, here and on every later page; the page stays. */
async function switching({ browser, origin }) {
  const { context, page, errors } = await window_(browser, origin, { locale: "de-DE" });
  const address = await buy(page);
  for (const [tag, name] of [["zh-CN", NAMES["zh-CN"]], ["en", NAMES.en], ["de", NAMES.de]]) {
    await page.getByRole("button", { name, exact: true }).click();
    await page.waitForFunction((tag) => document.documentElement.lang === tag, tag);
    assert.equal(page.url(), address.href);
  }
  await page.getByRole("button", { name: NAMES["zh-CN"], exact: true }).click();
  await page.waitForFunction(() => document.documentElement.lang === "zh-CN");
  await page.goto("/sign-up");
  assert.match(await page.locator("h1").innerText(), /开通钱包/);
  // What the server answers is in that language, too.
  const said = await page.evaluate(async () => (await (await fetch("/v1/sessions", { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ email: "nobody@example.com", passphrase: "wrong wrong wrong" }) })).json()).detail);
  assert.match(said, /邮箱和口令/);
  assert.deepEqual(errors.filter((e) => !e.includes("401")), []);
  await context.close();
}

export const languageCases = [
  ["languages: the switch", switching],
  ["languages: every page and state in German", everyPage("de")],
  ["languages: every page and state in Chinese", everyPage("zh-CN")],
];
