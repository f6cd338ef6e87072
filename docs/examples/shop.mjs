// A whole shop, with nothing but Node's own library: one thing to buy, the checkout, the webhook, the order.
//
//   SMILEPAY=http://localhost:8080 SMILEPAY_KEY=sk_test_… node shop.mjs 8000
//
// An order is paid when a webhook says so, not when the shopper comes back: addresses can be typed by anybody.

import { createHmac, randomUUID, timingSafeEqual } from "node:crypto";
import { createServer } from "node:http";

const { SMILEPAY = "http://localhost:8080", SMILEPAY_KEY } = process.env;
const TOLERANCE = 300; // seconds
const LARGEST = 1 << 20; // bytes
const ITEM = { amount: 1200, currency: "EUR", name: "A postcard of the Maschsee" };
const euros = (cents) => `€${(cents / 100).toFixed(2)}`;

// A real shop keeps both in its database, and writes them in one transaction.
const orders = new Map(); // number -> { intent, paid, receipt }
const seen = new Set(); // ids of events that were acted upon

async function smilepay(method, path, body, key = randomUUID()) {
  const headers = { authorization: `Bearer ${SMILEPAY_KEY}`, "content-type": "application/json", "idempotency-key": key };
  const answer = await fetch(SMILEPAY + path, { method, headers, body: body && JSON.stringify(body) });
  const said = answer.status === 204 ? null : await answer.json();
  if (!answer.ok) throw new Error(`${path}: ${said.detail}`);
  return said;
}

/** A payment for a new order; gives the address of its checkout. */
async function buy(home) {
  const number = String(1001 + orders.size);
  const order = { intent: null, paid: false };
  orders.set(number, order);
  // The order's own number is the key: asked twice, it is one payment.
  const made = await smilepay("POST", "/v1/payment_intents", {
    amount: ITEM.amount, currency: ITEM.currency, description: ITEM.name, success_url: `${home}/orders/${number}`,
    order: { item: ITEM.name, ship_to: "Example Street 1, Hanover", delivery_days: 3 },
  }, `${home} order ${number}`.replaceAll(/[^!-~]/g, "-"));
  order.intent = made.id;
  return made.checkout_url;
}

/** Whether the body is the server's, and recent. */
function genuine(secret, headers, body) {
  const { "webhook-id": id = "", "webhook-timestamp": at = "", "webhook-signature": given = "" } = headers;
  if (!/^\d+$/.test(at) || Math.abs(Date.now() / 1000 - Number(at)) > TOLERANCE) return false;
  const key = Buffer.from(secret.replace(/^whsec_/, ""), "base64");
  const expected = Buffer.from(`v1,${createHmac("sha256", key).update(`${id}.${at}.`).update(body).digest("base64")}`);
  // Two signatures while the secret is being changed.
  return given.split(" ").map((one) => Buffer.from(one)).some((one) => one.length === expected.length && timingSafeEqual(one, expected));
}

/** Acts once for each event, however often it comes. */
function hear(event) {
  if (seen.has(event.id)) return;
  seen.add(event.id);
  const { object } = event.data;
  const found = [...orders].find(([, order]) => order.intent === object.id);
  if (!found || event.type !== "payment_intent.succeeded") return;
  const [number, order] = found;
  order.paid = true;
  console.log(`order ${number} is paid`);
}

const page = (title, body, more = "") => `<!doctype html><html lang="en"><meta charset="utf-8"><link rel="icon" href="data:,"><title>${title}</title>${more}
<meta name="viewport" content="width=device-width"><link rel="stylesheet" href="/style.css"><main><p class="name">Corner shop</p>${body}</main></html>`;

const STYLE = `:root { color-scheme: light dark; --ground: light-dark(#faf9f6, #16181a); --ink: light-dark(#1b1d1f, #eceae4); --soft: light-dark(#5c6064, #a9adb1); --accent: light-dark(#12695a, #7fd6c2); }
body { margin: 0; background: var(--ground); color: var(--ink); font: 1.0625rem/1.5 system-ui, sans-serif; }
main { max-width: 34rem; margin: 0 auto; padding: 3rem 1.5rem; }
h1 { font-size: 1.75rem; line-height: 1.2; margin: .5rem 0 1rem; } .name, .soft { color: var(--soft); margin: 0; }
.price { font-size: 2.25rem; font-variant-numeric: tabular-nums; margin: 0 0 2rem; }
button, .button { display: inline-block; box-sizing: border-box; min-height: 3rem; padding: .65rem 1.5rem; border: 1px solid var(--accent); border-radius: .6rem; background: var(--accent); color: var(--ground); font: inherit; font-weight: 600; text-decoration: none; cursor: pointer; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 3px; } .state { font-weight: 600; color: var(--accent); margin: 0 0 2rem; }`;

const shopPage = () => page("Corner shop", `<h1>${ITEM.name}</h1><p class="price">${euros(ITEM.amount)}</p>
<form method="post" action="/buy"><button>Buy with Smilepay</button></form>`);

const orderPage = (number, { paid }) => page(`Order ${number}`, `<h1>Order ${number}</h1><p>${ITEM.name}, ${euros(ITEM.amount)}</p>
<p class="state" role="status">${paid ? "Paid. We ship it today." : "We are waiting for the payment."}</p><a class="button" href="/">Back to the shop</a>`,
paid ? "" : '<script type="module" src="/wait.js"></script>');

// The page of an unpaid order asks again until it is paid.
const WAIT = 'const again = setInterval(async () => { if (!(await (await fetch(location)).text()).includes("/wait.js")) { clearInterval(again); location.reload(); } }, 1000);';

async function read(request) {
  const parts = [];
  let size = 0;
  for await (const part of request) {
    size += part.length;
    if (size > LARGEST) throw new Error("too large");
    parts.push(part);
  }
  return Buffer.concat(parts);
}

async function answer(request, home, secret) {
  const { method, url } = request;
  if (method === "GET" && url === "/") return { body: shopPage() };
  if (method === "GET" && url === "/style.css") return { body: STYLE, type: "text/css" };
  if (method === "GET" && url === "/wait.js") return { body: WAIT, type: "text/javascript" };
  if (method === "POST" && url === "/buy") return { status: 303, headers: { location: await buy(home) } };
  const order = method === "GET" && url.startsWith("/orders/") && orders.get(url.slice("/orders/".length));
  if (order) return { body: orderPage(url.slice("/orders/".length), order) };
  if (method === "POST" && url === "/webhook") {
    const body = await read(request);
    if (!genuine(secret(), request.headers, body)) return { status: 400 };
    hear(JSON.parse(body));
    return { status: 204 };
  }
  return { status: 404, body: page("Not here", "<h1>There is nothing here</h1>") };
}

let hook = { secret: "", id: "" };
const server = createServer((request, response) => {
  const home = `http://localhost:${server.address().port}`;
  const wrong = (error) => {
    console.error(error.message);
    return { status: 502, body: page("Not now", "<h1>That did not work</h1><p>Nothing was bought. Please try again.</p>") };
  };
  answer(request, home, () => hook.secret).catch(wrong).then(({ status = 200, headers = {}, body, type = "text/html" }) => {
    response.writeHead(status, body ? { "content-type": `${type}; charset=utf-8`, ...headers } : headers).end(body);
  });
});
server.listen(Number(process.argv[2] ?? 0), "127.0.0.1", async () => {
  const { port } = server.address();
  hook = await smilepay("POST", "/v1/webhook_endpoints", { url: `http://127.0.0.1:${port}/webhook`, events: ["payment_intent.succeeded"] });
  console.log(`open at http://localhost:${port}`);
});
for (const signal of ["SIGINT", "SIGTERM"]) {
  process.on(signal, () => smilepay("DELETE", `/v1/webhook_endpoints/${hook.id}`).finally(() => process.exit(0)));
}
