// What a capture is made with: the front camera and its round view, the rear one and its square, or the microphone and its own.
import { closeCamera, openCamera, sendPictures } from "./camera.js";
import { Ear } from "./ear.js";
import { Lens } from "./lens.js";
import { Microphone } from "./microphone.js";

/** An object takes the server longer than a face: more pictures would only wait. */
const OBJECT_GAP_MS = 120;

export const camera = (root) => behind(new Lens(root), { method: "face", state: "capture" });

/** For a tattoo or a pet; `null` where the page has no place for it. */
export function rearCamera(root) {
  const place = root.querySelector("[data-eye]") ?? (root.querySelector(".eye") && root);
  if (!place) return null;
  return behind(new Lens(place, "say.start_object"), { method: "kungfu", state: "object", facing: "environment", gap: OBJECT_GAP_MS });
}

function behind(lens, { method, state, facing, gap }) {
  return {
    method,
    state,
    view: lens,
    opened: () => Boolean(lens.video.srcObject),
    open: () => openCamera(lens.video, facing),
    close: () => closeCamera(lens.video),
    send: (socket, token) => sendPictures(lens.video, socket, token, gap),
    on: {
      prompt: (message) => lens.prompt(message),
      hint: (message) => lens.hint(message),
      judging: () => lens.judging(),
    },
  };
}

/** `null` where the page has no place for it. */
export function microphone(root) {
  if (!root.querySelector("[data-ear]")) return null;
  const ear = new Ear(root);
  const mic = new Microphone();
  return {
    method: "voice",
    state: "listen",
    view: ear,
    opened: () => mic.opened,
    open: () => mic.open(),
    close: () => {
      mic.close();
      closeCamera(ear.video);
      ear.watch(false);
    },
    /** The camera beside the microphone, where the server asks for it. */
    openCamera: async () => {
      if (!ear.video.srcObject) await openCamera(ear.video);
      ear.watch(true);
    },
    send: (socket, token) => {
      const stops = [mic.send(socket, (loud) => ear.loud(loud))];
      if (ear.video.srcObject) stops.push(sendPictures(ear.video, socket, token));
      return () => { for (const stop of stops) stop(); };
    },
    on: {
      digits: (message) => ear.digits(message),
      words: (message) => ear.words(message),
      key_phrase: (message) => ear.keyPhrase(message),
      heard: (message) => ear.heard(message),
      hint: (message) => ear.hint(message),
      judging: () => ear.judging(),
    },
  };
}
