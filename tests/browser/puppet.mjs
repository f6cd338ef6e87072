// The person before the camera: rendered frames of each act, played when the page asks for it.
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";

const RENDER_MS = 120_000;

/** Forgets what another binary rendered. */
export function freshen(binary, folder) {
  const mark = join(folder, "rendered-by");
  const { size, mtimeMs } = statSync(binary);
  const now = `${size} ${mtimeMs}`;
  if (existsSync(mark) && readFileSync(mark, "utf8") === now) return;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  writeFileSync(mark, now);
}

/** Renders once and gives the file. */
function rendered(binary, folder, format, name, flags, what = ["--portrait", name]) {
  const out = join(folder, [name, format, ...flags.map((f) => basename(f))].join("-").replaceAll("--", ""));
  const file = () => readdirSync(out).find((f) => f.endsWith(`.${format}`));
  if (!existsSync(out) || !file()) {
    mkdirSync(out, { recursive: true });
    const args = ["puppet", ...what, "--out", out, "--format", format, ...flags];
    execFileSync(binary, args, { timeout: RENDER_MS, stdio: ["ignore", "ignore", "inherit"] });
  }
  return join(out, file());
}

/** A puppet: `{ act: [base64 JPEG, …] }`. */
export const puppet = (binary, folder, name, ...flags) => JSON.parse(readFileSync(rendered(binary, folder, "json", name, flags), "utf8"));

/** A clip for Chromium's own fake camera. */
export const y4m = (binary, folder, name) => rendered(binary, folder, "y4m", name, []);

/** Something else than a face, from all sides: `kind` is tattoo, photo or blank. */
export const object = (binary, folder, kind, ...flags) => JSON.parse(readFileSync(rendered(binary, folder, "json", kind, flags, ["--object", kind]), "utf8"));
export const objectClip = (binary, folder, kind, ...flags) => rendered(binary, folder, "y4m", kind, flags, ["--object", kind]);

const PATH = "/__puppet__/frames.json";

/**
 * Puts `frames` before the camera of every page in `context`.
 * `{ acts }` reacts to the page's prompt as a person does; `{ replay }` plays one old capture, whatever is asked.
 * A face is lit by the colours that the page shows, or, with `{ lit: { "#ebaa28": "#5acd5a", … } }`, by others: a recording of
 * another challenge.
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
  let frames;
  let seen = null;
  let playing = [];
  let at = 0;
  let waiting = [];
  let captures = 0;
  // Coming closer to a face and moving back: the whole picture grows or shrinks, as when the hand moves the phone. Objects have acts
  // of their own for that: they are seen from much nearer, so that the same hand changes more.
  const STRIDE = { closer: 1.22, back: 1 / 1.22 };
  const STRIDE_MS = 1_000;
  const strides = (asked) => STRIDE[asked] && !frames?.acts?.show;
  // Pictures of an act that goes around an object: from here on its pose is held, and from there on it goes back. There is one for
  // every second picture of the camera (`puppet --object`).
  const HELD = 15;
  const RETURN = 24;
  const pace = () => (frames.acts?.show ? 0.5 : 1);
  let walk = { from: 1, to: 1, since: 0 };
  const nearness = (now) => {
    const share = Math.min(1, Math.max(0, (now - walk.since) / STRIDE_MS));
    return walk.from + (walk.to - walk.from) * share * share * (3 - 2 * share);
  };
  const step = (times) => {
    const now = performance.now();
    walk = { from: nearness(now), to: walk.to * times, since: now };
  };

  // Reads the prompt as a person does, from the page, and answers after a moment.
  new MutationObserver(() => {
    const asked = document.documentElement.dataset.prompt;
    if (asked === seen) return;
    seen = asked;
    if (!asked) [captures, waiting, walk] = [captures + 1, [], { from: 1, to: 1, since: 0 }];
    if (strides(asked)) {
      setTimeout(() => step(STRIDE[asked]), reaction[0]);
      return;
    }
    const act = asked === "neutral" || asked === "hold" ? [] : frames?.acts?.[asked];
    const wait = reaction[0] + Math.random() * (reaction[1] - reaction[0]);
    if (act) setTimeout(() => { if (playing !== act) waiting.push(act); }, wait);
  }).observe(document, { attributes: true, subtree: true, attributeFilter: ["data-prompt"] });

  /** The next picture: one act after the other, each from rest to its pose and back; rest ends when one is asked for, and so does
   * the pose before an object. */
  const next = (rest) => {
    if (frames.acts?.show && waiting.length && playing !== rest && at >= HELD && at < RETURN) at = RETURN;
    if (at >= playing.length || (playing === rest && waiting.length)) {
      // Not good enough for the page yet: once more.
      const again = ["neutral", "hold"].includes(seen) || strides(seen) ? null : frames.acts?.[seen];
      playing = waiting.shift() ?? again ?? rest;
      if (!playing.length) playing = rest;
      at = 0;
    }
    at += pace();
    return playing[Math.ceil(at) - 1];
  };

  /** The screen's light on the face: strongest in the middle, weak on the wall. */
  const glow = (pen) => {
    const shown = document.documentElement.style.getPropertyValue("--glow");
    if (!shown) return;
    const [x, y] = [320, 235];
    const light = pen.createRadialGradient(x, y, 110, x, y, 230);
    const colour = frames.lit?.[shown] ?? shown;
    light.addColorStop(0, `${colour}33`);
    light.addColorStop(1, `${colour}08`);
    pen.globalCompositeOperation = "multiply";
    pen.fillStyle = light;
    pen.fillRect(0, 0, 640, 480);
    pen.globalCompositeOperation = "source-over";
  };

  const noise = () => {
    const canvas = new OffscreenCanvas(704, 544);
    const pen = canvas.getContext("2d");
    const dots = pen.createImageData(704, 544);
    for (let i = 0; i < dots.data.length; i += 4) {
      dots.data.fill(Math.random() * 256, i, i + 3);
      dots.data[i + 3] = 255;
    }
    pen.putImageData(dots, 0, 0);
    return canvas;
  };

  navigator.mediaDevices.getUserMedia = async ({ video }) => {
    document.documentElement.dataset.facing = video?.facingMode?.ideal ?? "any";
    frames = await (await fetch(path)).json();
    if (frames.replay) playing = frames.replay;
    const rest = frames.acts?.neutral ?? frames.acts?.show ?? frames.replay.slice(-1);
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [640, 480];
    const pen = canvas.getContext("2d", { alpha: false });
    const grain = noise();
    const phase = Math.random() * 7;
    // As from a phone in a hand: it sways a little, and no two pictures have the same grain.
    const draw = async () => {
      const picture = await decode(next(rest));
      const t = performance.now() / 1000 + phase;
      if (frames.replay) pen.drawImage(picture, 0, 0, 640, 480);
      else {
        // Held a little differently in each capture. Not closer: the detector's points jump on faces above 165 px.
        const tilt = 0.02 * ((captures % 3) - 1);
        pen.setTransform(1, 0, 0, 1, 320 + 6 * Math.sin(t * 0.83), 240 + 4 * Math.sin(t * 0.59));
        pen.rotate(tilt);
        pen.scale(nearness(performance.now()), nearness(performance.now()));
        pen.drawImage(picture, -331, -248, 662, 496);
        pen.resetTransform();
      }
      picture.close();
      if (frames.replay) return;
      glow(pen);
      pen.globalAlpha = 0.03;
      pen.drawImage(grain, -Math.floor(Math.random() * 64), -Math.floor(Math.random() * 64));
      pen.globalAlpha = 1;
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
