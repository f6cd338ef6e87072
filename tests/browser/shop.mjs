// The example shop (docs/examples/shop.mjs), as its head says to start it: bought there, paid here, told by webhook, shown there.
import { strict as assert } from "node:assert";
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { look } from "./checks.mjs";
import { PASSPHRASE, signUp, until, window_ } from "./scene.mjs";

const SHOP = fileURLToPath(new URL("../../docs/examples/shop.mjs", import.meta.url));
const SAID_MS = 20_000;

/** Starts it; gives its address and its further words. */
async function open({ origin, shopKey: key }) {
  const child = spawn(process.execPath, [SHOP, "0"], { env: { ...process.env, SMILEPAY: origin, SMILEPAY_KEY: key }, stdio: ["ignore", "pipe", "inherit"] });
  const ended = new Promise((resolve) => child.on("exit", resolve));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async () => {
    const late = new Promise((_, reject) => setTimeout(() => reject(new Error("the shop says nothing")), SAID_MS).unref());
    return (await Promise.race([lines.next(), late])).value;
  };
  const stop = async () => { child.kill("SIGTERM"); return ended; };
  const address = (await next()).replace("open at ", "");
  return { address, next, stop };
}

async function example(world) {
  const { browser, origin, shots, shopKey: key } = world;
  const shop = await open(world);
  try {
    const { context, page, errors } = await window_(browser, origin);
    await signUp(page, "Shop Goer");
    await page.waitForURL("**/wallet");
    await page.goto(shop.address);
    await look(page, shots, "example-shop");
    const number = await fetch(`${shop.address}/webhook`, { method: "POST", body: "{}" });
    assert.equal(number.status, 400, "nobody can say by himself that an order is paid");
    await page.getByRole("button", { name: "Buy with Smilepay" }).click();
    await page.waitForURL("**/checkout/**");
    assert.match(await page.locator(".due h1").innerText(), /€12\.00/);
    await until(page, ["no-face"]);
    // What the shopper could type already: the order is there, and not paid.
    const second = await context.newPage();
    await second.goto(`${shop.address}/orders/1001`);
    await second.getByText("We are waiting for the payment").waitFor();
    await look(second, shots, "example-shop-waiting");
    await page.getByRole("button", { name: "Another way to pay" }).click();
    await page.locator("#otherpass").fill(PASSPHRASE);
    await page.locator("[data-when=other] button[type=submit]").click();
    await page.waitForURL("**/receipt/**");
    assert.equal(await shop.next(), "order 1001 is paid");
    await second.getByText("Paid. We ship it today.").waitFor();
    await look(second, shots, "example-shop-paid");
    await page.getByRole("link", { name: "Back to the shop" }).click();
    await page.waitForURL(`${shop.address}/orders/1001`);
    assert.deepEqual(errors, [], "console errors");
    await context.close();
  } finally {
    await shop.stop();
  }
  const left = await fetch(`${origin}/v1/webhook_endpoints`, { headers: { authorization: `Bearer ${key}` } });
  assert.deepEqual(await left.json(), [], "the shop took its endpoint off");
}

export const shopCases = [["example shop: bought there, paid here, told by webhook", example]];
