// The person before the camera: rendered frames of each act, played when the page asks for it.
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";

const RENDER_MS = 120_000;

/** Renders a puppet once and keeps it: `{ act: [base64 JPEG, …] }`. */
export function puppet(binary, folder, name, ...flags) {
  const out = join(folder, [name, ...flags.map((f) => f.replace(/^--/, ""))].join("-"));
  if (!existsSync(out)) {
    mkdirSync(out, { recursive: true });
    execFileSync(binary, ["puppet", "--portrait", name, "--out", out, "--format", "json", ...flags], { timeout: RENDER_MS, stdio: ["ignore", "inherit", "inherit"] });
  }
  const file = readdirSync(out).find((f) => f.endsWith(".json"));
  return JSON.parse(readFileSync(join(out, file), "utf8"));
}

/** A clip for Chromium's own fake camera. */
export function y4m(binary, folder, name) {
  const out = join(folder, `${name}-y4m`);
  if (!existsSync(out)) {
    mkdirSync(out, { recursive: true });
    execFileSync(binary, ["puppet", "--portrait", name, "--out", out, "--format", "y4m"], { timeout: RENDER_MS, stdio: ["ignore", "inherit", "inherit"] });
  }
  return join(out, readdirSync(out).find((f) => f.endsWith(".y4m")));
}

const PATH = "/__puppet__/frames.json";

/**
 * Puts `frames` before the camera of every page in `context`.
 * `{ acts }` reacts to the page's prompt as a person does; `{ replay }` plays one old capture, whatever is asked.
 */
export async function before(context, frames) {
  await context.unroute(`**${PATH}`).catch(() => {});
  await context.route(`**${PATH}`, (route) => route.fulfill({ json: frames }));
  await context.addInitScript(camera, { path: PATH, fps: 15, reaction: [300, 500] });
}

/** A camera that the payer has not allowed. */
export const blockedCamera = (context) =>
  context.addInitScript(() => {
    navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException("not allowed", "NotAllowedError"));
  });

// Runs in the page.
function camera({ path, fps, reaction }) {
  const decode = (text) => createImageBitmap(new Blob([Uint8Array.from(atob(text), (c) => c.charCodeAt(0))], { type: "image/jpeg" }));
  const queue = [];
  let frames;
  let seen = null;

  // Reads the prompt as a person does, from the page, and answers after a moment.
  new MutationObserver(() => {
    const asked = document.documentElement.dataset.prompt;
    if (asked === seen) return;
    seen = asked;
    const wait = reaction[0] + Math.random() * (reaction[1] - reaction[0]);
    if (frames?.acts?.[asked] && asked !== "neutral" && asked !== "hold") setTimeout(() => queue.push(...frames.acts[asked]), wait);
  }).observe(document, { attributes: true, subtree: true, attributeFilter: ["data-prompt"] });

  navigator.mediaDevices.getUserMedia = async () => {
    frames = await (await fetch(path)).json();
    if (frames.replay) queue.push(...frames.replay);
    const rest = frames.acts?.neutral ?? frames.replay.slice(-1);
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [640, 480];
    const pen = canvas.getContext("2d");
    let idle = 0;
    const draw = async () => {
      const next = queue.shift() ?? rest[idle++ % rest.length];
      const picture = await decode(next);
      pen.drawImage(picture, 0, 0, 640, 480);
      picture.close();
    };
    await draw();
    const stream = canvas.captureStream(fps);
    const started = performance.now();
    let shown = 0;
    (async function tick() {
      await draw();
      shown += 1;
      if (stream.active) setTimeout(tick, Math.max(0, started + (shown * 1000) / fps - performance.now()));
    })();
    return stream;
  };
}
