// A shop's webhook receiver, with nothing but Node's own library.
//
//   WEBHOOK_SECRET=whsec_… node receiver.mjs 8000
//
// Checks each delivery, acts once per event, answers 204. Deliveries may come twice and in any order.

import { createHmac, timingSafeEqual } from "node:crypto";
import { createServer } from "node:http";

const key = Buffer.from(process.env.WEBHOOK_SECRET.replace(/^whsec_/, ""), "base64");
const TOLERANCE = 300; // seconds
const LARGEST = 1 << 20; // bytes
const seen = new Set(); // a real shop keeps these ids in its database, in the same transaction as what it does

/** Whether the body is the server's, and recent. */
function genuine(headers, body) {
  const { "webhook-id": id = "", "webhook-timestamp": at = "", "webhook-signature": given = "" } = headers;
  if (!/^\d+$/.test(at) || Math.abs(Date.now() / 1000 - Number(at)) > TOLERANCE) return false;
  const signed = createHmac("sha256", key).update(`${id}.${at}.`).update(body).digest("base64");
  const expected = Buffer.from(`v1,${signed}`);
  // Two signatures while the secret is being changed.
  return given.split(" ").map((one) => Buffer.from(one)).some((one) => one.length === expected.length && timingSafeEqual(one, expected));
}

async function take(request) {
  const parts = [];
  let size = 0;
  for await (const part of request) {
    size += part.length;
    if (size > LARGEST) return 413;
    parts.push(part);
  }
  const body = Buffer.concat(parts);
  if (!genuine(request.headers, body)) return 400;
  const event = JSON.parse(body);
  if (!seen.has(event.id)) {
    seen.add(event.id);
    console.log(event.type, event.data.object.id);
  }
  return 204;
}

const server = createServer((request, response) => {
  take(request).catch(() => 400).then((status) => response.writeHead(status).end());
});
server.listen(Number(process.argv[2] ?? 0), "127.0.0.1", () => console.log("listening", server.address().port));
