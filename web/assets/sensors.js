// What a capture is made with: the camera and its round view, or the microphone and its own.
import { closeCamera, openCamera, sendPictures } from "./camera.js";
import { Ear } from "./ear.js";
import { Lens } from "./lens.js";
import { Microphone } from "./microphone.js";

export function camera(root) {
  const lens = new Lens(root);
  return {
    method: "face",
    state: "capture",
    view: lens,
    opened: () => Boolean(lens.video.srcObject),
    open: () => openCamera(lens.video),
    close: () => closeCamera(lens.video),
    send: (socket, token) => sendPictures(lens.video, socket, token),
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
    close: () => mic.close(),
    send: (socket) => mic.send(socket, (loud) => ear.loud(loud)),
    on: {
      digits: (message) => ear.digits(message),
      heard: (message) => ear.heard(message),
      hint: (message) => ear.hint(message),
      judging: () => ear.judging(),
    },
  };
}
