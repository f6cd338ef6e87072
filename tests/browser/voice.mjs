// Enrolling and paying by voice: a person who reads the digits from the page and says them, with real recordings of spoken digits.
import { strict as assert } from "node:assert";
import { existsSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { SIZES, look } from "./checks.mjs";
import { PASSPHRASE, buy, enrolled, hands, intentAt, signUp, until, window_ } from "./scene.mjs";

/** Recordings called `DIGIT_SPEAKER_TAKE.wav`, as in the Free Spoken Digit Dataset; a fresh clone has none. */
const RECORDINGS = process.env.SMILEPAY_DIGITS ?? join(dirname(fileURLToPath(import.meta.url)), "../../../shared/data/voice/digits");
const PAYER = "lucas";
const STRANGER = "jackson";
const LEFT_OUT = `left out: no recordings of spoken digits in ${RECORDINGS} (SMILEPAY_DIGITS names a folder)`;
const PATH = "/__speaker__/takes.json";

const quiet = (errors) => assert.deepEqual(errors, [], "console errors");
const text = (page, what) => page.locator(what).first().innerText();
const reasons = ({ captures }) => captures.map(({ heard }) => heard.at(-1)).map((m) => `${m.outcome} ${(m.reasons ?? []).join(", ")}`).join("; ");

/** Of each digit the speaker's recordings, from `first` on, in base64. */
function takes(speaker, first = 0) {
  const files = readdirSync(RECORDINGS).filter((f) => f.includes(`_${speaker}_`)).sort();
  return Array.from({ length: 10 }, (_, digit) => {
    const mine = files.filter((f) => f.startsWith(`${digit}_`));
    return mine.slice(first).map((f) => readFileSync(join(RECORDINGS, f)).toString("base64"));
  });
}

/** Puts a speaker before the microphone of every page in `context`: `shift` is added to each digit, `replay` plays old PCM. */
async function before(context, speaker) {
  await context.unroute(`**${PATH}`).catch(() => {});
  await context.route(`**${PATH}`, (route) => route.fulfill({ json: speaker }));
  await context.addInitScript(microphone, PATH);
}

// Runs in the page.
function microphone(path) {
  const WAIT_S = 0.3;
  const bytes = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
  const said = Array.from({ length: 10 }, () => 0);
  navigator.mediaDevices.getUserMedia = async () => {
    const speaker = await (await fetch(path)).json();
    const context = new AudioContext();
    const place = context.createMediaStreamDestination();
    const room = context.createBufferSource();
    const noise = context.createBuffer(1, context.sampleRate, context.sampleRate);
    noise.getChannelData(0).forEach((_, i, all) => { all[i] = (Math.random() - 0.5) * 0.002; });
    Object.assign(room, { buffer: noise, loop: true });
    room.connect(place);
    room.start();
    await context.resume();
    const play = (buffer, at) => {
      const source = context.createBufferSource();
      source.buffer = buffer;
      const loud = context.createGain();
      loud.gain.value = speaker.replay ? 1 : 0.5 / Math.max(...buffer.getChannelData(0).map(Math.abs));
      source.connect(loud).connect(place);
      source.start(at);
      return at + buffer.duration;
    };
    const say = async (digits) => {
      if (speaker.replay) {
        const pcm = new Int16Array(bytes(speaker.replay).buffer);
        const buffer = context.createBuffer(1, pcm.length, 16_000);
        buffer.getChannelData(0).forEach((_, i, all) => { all[i] = pcm[i] / 32_768; });
        play(buffer, context.currentTime + 0.1);
        return;
      }
      const buffers = [];
      for (const digit of [...digits].map((d) => (Number(d) + (speaker.shift ?? 0)) % 10)) {
        const all = speaker.takes[digit];
        buffers.push(await context.decodeAudioData(bytes(all[said[digit] % all.length]).buffer));
        said[digit] += 1;
      }
      let at = context.currentTime + WAIT_S;
      for (const buffer of buffers) at = play(buffer, at) + 0.1 + Math.random() * 0.08;
    };
    let seen = null;
    const look = () => {
      const { prompt, digits } = document.documentElement.dataset;
      if (prompt === seen) return;
      seen = prompt;
      if (prompt?.startsWith("digits")) say(digits);
      if (prompt?.startsWith("key-phrase")) say(speaker.keyPhrase);
    };
    new MutationObserver(look).observe(document.documentElement, { attributes: true, attributeFilter: ["data-prompt"] });
    look();
    return place.stream;
  };
}

async function fillIn(page) {
  await page.getByRole("checkbox").check();
  await page.getByLabel("Passphrase", { exact: true }).fill(PASSPHRASE);
  await page.getByRole("button", { name: "Open the microphone" }).click();
}

/** From the wallet: consent, three rows of digits, a voice in the wallet. */
async function enrolVoice(world) {
  if (!existsSync(RECORDINGS)) return LEFT_OUT;
  const { browser, origin, shots } = world;
  const speaker = await window_(browser, origin);
  const { context, page, errors } = speaker;
  await before(context, { takes: takes(PAYER) });
  await signUp(page, "Vera Speaker");
  await page.waitForURL("**/wallet");
  await page.getByRole("link", { name: "Add my voice" }).click();
  await look(page, shots, "enrol-voice");
  await page.getByRole("button", { name: "Open the microphone" }).click();
  assert.match(await text(page, "[data-wrong]"), /tick the box/);
  await fillIn(page);
  await page.locator("[data-ear].speaking").waitFor({ timeout: 20_000 });
  assert.match(await text(page, "[data-ear-hint]"), /I hear you/);
  await page.locator(".views .kept").first().waitFor({ timeout: 30_000 });
  await look(page, shots, "enrol-voice-listening");
  await enrolled(page);
  await look(page, shots, "enrol-voice-enrolled");
  await page.waitForURL("**/wallet");
  await look(page, shots, "wallet-voice");
  quiet(errors);
  world.speaker = speaker;
  return `${(speaker.captures.at(-1).sent.length / 10).toFixed(1)} s of sound sent`;
}

/** Buys and presses "pay"; gives how the payment ends. */
async function payBySpeaking({ page, context }, whileListening = async () => {}) {
  const address = await buy(page);
  assert.equal(await until(page, ["speak"]), "speak");
  await page.locator("[data-when=speak] [data-do=voice]").click();
  await until(page, ["listen"]);
  await whileListening();
  const end = await until(page, ["paid", "refused", "other"], 60_000);
  return { end, status: (await intentAt(context, address)).status };
}

/** 20 EUR are more than a voice alone may pay, on its first day at that: the passphrase completes it. */
async function payByVoice(world) {
  if (!world.speaker) return LEFT_OUT;
  const { shots, speaker } = world;
  const { context, page, errors, captures } = speaker;
  await before(context, { takes: takes(PAYER, 6) });
  await buy(page);
  await until(page, ["speak"]);
  await look(page, shots, "checkout-speak");
  const { end, status } = await payBySpeaking(speaker, async () => {
    await page.locator("[data-ear].speaking").waitFor({ timeout: 15_000 });
    for (const size of SIZES) {
      await page.setViewportSize(size);
      await page.screenshot({ path: join(shots, `checkout-listen-${size.width}x${size.height}.png`), animations: "disabled" });
    }
  });
  assert.equal(end, "other", reasons(speaker));
  assert.notEqual(status, "succeeded", "a voice alone pays small amounts only");
  assert.ok(captures.at(-1).heard.at(-1).reasons.includes("voice_matches"), reasons(speaker));
  world.spoken = Buffer.concat(captures.at(-1).sent.map((message) => Buffer.from(message).subarray(8))).toString("base64");
  await look(page, shots, "checkout-voice-step-up");
  assert.ok(await page.locator("[data-way=voice]").isHidden(), "the same proof again is no second one");
  const before_ = await hands(page);
  await page.locator("#otherpass").fill(PASSPHRASE);
  await page.locator("[data-when=other] [data-way=passphrase] button[type=submit]").click();
  await page.waitForURL("**/receipt/**");
  assert.ok((await hands(page)) > before_);
  assert.match(await text(page, ".paper"), /Voice/);
  quiet(errors);
}

/** Somebody or something else before the payer's microphone. */
async function attack({ browser, origin, speaker }, name, sound, wanted, whenRefused = async () => {}) {
  const window = await window_(browser, origin, { storageState: await speaker.context.storageState() });
  await before(window.context, sound);
  const { end, status } = await payBySpeaking(window);
  const why = reasons(window);
  assert.equal(end, "refused", `${name}: ${why}`);
  assert.notEqual(status, "succeeded", name);
  assert.ok(why.includes(wanted), `${name}: ${wanted} is not among ${why}`);
  await whenRefused(window.page);
  await window.context.close();
  return `${name}: ${why}`;
}

/** All at once, each in a window of its own. */
async function attacks(world) {
  if (!world.speaker) return LEFT_OUT;
  const refused = await Promise.all([
    attack(world, "another speaker", { takes: takes(STRANGER) }, "voice_differs", (page) => look(page, world.shots, "attack-voice")),
    attack(world, "wrong digits", { takes: takes(PAYER, 8), shift: 3 }, "prompt_differs"),
    attack(world, "replay", { replay: world.spoken }, "heard_before"),
  ]);
  return refused.join("; ");
}

/** A microphone that the payer has not allowed. */
async function blocked(world) {
  if (!world.speaker) return LEFT_OUT;
  const { browser, origin, shots } = world;
  const { context, page, errors } = await window_(browser, origin, { storageState: await world.speaker.context.storageState() });
  await context.addInitScript(() => {
    navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException("not allowed", "NotAllowedError"));
  });
  await buy(page);
  await page.locator("[data-when=speak] [data-do=voice]").click();
  assert.equal(await until(page, ["blocked", "listen"]), "blocked");
  assert.match(await text(page, "[data-blocked-title]"), /microphone/);
  await look(page, shots, "checkout-microphone-blocked");
  quiet(errors);
  await context.close();
}

/** Chromium's own fake microphone: the real getUserMedia path. */
async function fakeMicrophone(world) {
  if (!world.speaker) return LEFT_OUT;
  const { open, origin, puppets } = world;
  const clip = join(puppets, "digits.wav");
  writeFileSync(clip, wave(readdirSync(RECORDINGS).filter((f) => f.includes(`_${PAYER}_`)).map((f) => readFileSync(join(RECORDINGS, f)))));
  const browser = await open(["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream", `--use-file-for-fake-audio-capture=${clip}`]);
  try {
    const { page, captures } = await window_(browser, origin, { storageState: await world.speaker.context.storageState() });
    await buy(page);
    await page.locator("[data-when=speak] [data-do=voice]").click();
    await until(page, ["listen"]);
    await page.locator("[data-ear].speaking").waitFor({ timeout: 15_000 });
    const { sent, heard } = captures[0];
    assert.ok(sent.every((m) => Buffer.from(m).length === 8 + 3_200), "a tenth of a second in each message");
    assert.ok(heard.some((m) => m.type === "heard" && m.speaking), "the server hears speech");
    return `${sent.length} pieces until speech was heard`;
  } finally {
    await browser.close();
  }
}

/** One 16 kHz wave of many, with pauses. */
function wave(files) {
  const sound = Buffer.concat(files.flatMap((file) => [file.subarray(44), Buffer.alloc(4_800)]));
  const head = Buffer.from(files[0].subarray(0, 44));
  head.writeUInt32LE(36 + sound.length, 4);
  head.writeUInt32LE(sound.length, 40);
  return Buffer.concat([head, sound]);
}

/** The payer's own words besides the digits: digits are words, too. */
const KEY_PHRASE = ["seven four two nine", "7429"];

async function keyPhrase(world) {
  if (!world.speaker) return LEFT_OUT;
  const { shots, speaker } = world;
  const { context, page, errors } = speaker;
  await page.goto("/wallet");
  await page.getByRole("button", { name: "Add a key phrase" }).click();
  await page.getByLabel("Your words").fill("two words");
  await page.locator("#keyphrasepass").fill(PASSPHRASE);
  await page.locator("dialog[open] button[type=submit]").click();
  await page.locator("dialog[open] [data-wrong]", { hasText: /three to eight/ }).waitFor();
  errors.splice(0, errors.length, ...errors.filter((e) => !/400/.test(e)));
  await page.getByLabel("Your words").fill(KEY_PHRASE[0]);
  await page.locator("#keyphrasepass").fill(PASSPHRASE);
  await look(page, shots, "wallet-key-phrase");
  await page.locator("dialog[open] button[type=submit]").click();
  await page.getByRole("button", { name: "Remove the key phrase" }).waitFor();
  await before(context, { takes: takes(PAYER, 8), keyPhrase: KEY_PHRASE[1] });
  const right = await payBySpeaking(speaker, async () => {
    await page.locator("[data-ear-say]", { hasText: "key phrase" }).waitFor({ timeout: 30_000 });
    assert.ok(!(await page.locator("main").innerText()).includes("seven"), "it is never shown");
    for (const size of SIZES) {
      await page.setViewportSize(size);
      await page.screenshot({ path: join(shots, `checkout-key-phrase-${size.width}x${size.height}.png`), animations: "disabled" });
    }
  });
  const first = reasons({ captures: speaker.captures.slice(-1) });
  assert.equal(right.end, "other", first);
  assert.ok(first.includes("voice_matches") && !first.includes("key_phrase"), first);
  await before(context, { takes: takes(PAYER, 10), keyPhrase: "1085" });
  const wrong = await payBySpeaking(speaker);
  const second = reasons({ captures: speaker.captures.slice(-1) });
  assert.ok(wrong.end === "refused" && second.includes("key_phrase_differs"), second);
  await page.goto("/wallet");
  await page.getByRole("button", { name: "Remove the key phrase" }).click();
  await page.locator("#nokeyphrasepass").fill(PASSPHRASE);
  await page.locator("dialog[open] button[type=submit]").click();
  await page.getByRole("button", { name: "Add a key phrase" }).waitFor();
  quiet(errors);
  return `${first}; ${second}`;
}

/** Taking the voice back. */
async function eraseVoice({ speaker }) {
  if (!speaker) return LEFT_OUT;
  const { page, errors } = speaker;
  await page.goto("/wallet");
  await page.getByRole("button", { name: "Erase" }).click();
  await page.locator("#erasepass").fill(PASSPHRASE);
  await page.locator("dialog[open] button[type=submit]").click();
  await page.getByRole("link", { name: "Add my voice" }).waitFor();
  assert.match(await text(page, "section:has(#cons)"), /Withdrawn/);
  await buy(page);
  assert.equal(await until(page, ["no-face", "speak"]), "no-face");
  quiet(errors);
}

export const voiceCases = [
  ["voice: enrol", enrolVoice],
  ["voice: pay, with the passphrase", payByVoice],
  ["voice: key phrase", keyPhrase],
  ["voice: another speaker, wrong digits and a replay are refused", attacks],
  ["voice: microphone blocked", blocked],
  ["voice: Chromium's fake microphone", fakeMicrophone],
  ["voice: erase", eraseVoice],
];
