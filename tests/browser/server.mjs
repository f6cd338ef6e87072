// Starts the binary under test on a free port with an empty data directory, and stops it.
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, createWriteStream } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

const READY_MS = 120_000;
/** Where the demo shop's key is kept, in the data directory. */
const SHOP_KEY = "demo-shop.key";

function freePort() {
  return new Promise((resolve, reject) => {
    const probe = createServer().on("error", reject).listen(0, "127.0.0.1", () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}

/** Gives `{ origin, stop, shopKey }` once the server says that it is ready. */
export async function startServer(binary, log) {
  const data = mkdtempSync(join(tmpdir(), "smilepay-browser-"));
  const port = await freePort();
  const child = spawn(binary, ["serve", "--voice", "--voice-phrases", "--kungfu", "--listen", `127.0.0.1:${port}`, "--data-dir", data], { stdio: ["ignore", "pipe", "pipe"] });
  const out = createWriteStream(log);
  child.stdout.pipe(out);
  child.stderr.pipe(out);
  let gone = null;
  child.on("exit", (code, signal) => { gone = `the server ended (${code ?? signal}); its words are in ${log}`; });
  child.on("error", (error) => { gone = `cannot start ${binary}: ${error.message}`; });
  const stop = async () => {
    child.kill("SIGTERM");
    for (let i = 0; i < 50 && !gone; i += 1) await sleep(100);
    if (!gone) child.kill("SIGKILL");
    rmSync(data, { recursive: true, force: true });
  };
  const origin = `http://localhost:${port}`;
  for (const until = Date.now() + READY_MS; Date.now() < until;) {
    if (gone) break;
    const answer = await fetch(`${origin}/readyz`).catch(() => null);
    if (answer?.ok) return { origin, stop, shopKey: readFileSync(join(data, SHOP_KEY), "utf8").trim() };
    await sleep(200);
  }
  await stop();
  throw new Error(gone ?? `the server was not ready in ${READY_MS / 1000} s; its words are in ${log}`);
}
