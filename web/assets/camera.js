// The camera, and its pictures as JPEG.
import { Chain } from "./chain.js";

const WIDE = 640;
const HIGH = 480;
const QUALITY = 0.85;
/** Between pictures at least: a 30 Hz camera gives every second one, a jittering 15 Hz camera gives all. */
const GAP_MS = 45;
/** Pictures that may be in the making at one time. */
const MAKING = 2;
/** Bytes that may wait in the socket before pictures are skipped. */
const WAITING_BYTES = 256 * 1024;

export class CameraError extends Error {
  /** `kind`: blocked, none, busy or insecure. */
  constructor(kind) {
    super(kind);
    this.kind = kind;
  }
}

const KINDS = {
  NotAllowedError: "blocked",
  SecurityError: "blocked",
  NotFoundError: "none",
  OverconstrainedError: "none",
  NotReadableError: "busy",
  AbortError: "busy",
};

/** Opens a camera and shows it in `video`: the front one, or (`environment`) the one on the back where there is one. */
export async function openCamera(video, facing = "user") {
  if (!navigator.mediaDevices?.getUserMedia) throw new CameraError("insecure");
  try {
    const stream = await navigator.mediaDevices.getUserMedia({
      audio: false,
      video: { facingMode: { ideal: facing }, width: { ideal: WIDE }, height: { ideal: HIGH }, frameRate: { ideal: 30 } },
    });
    video.srcObject = stream;
    await video.play();
    return stream;
  } catch (error) {
    throw new CameraError(KINDS[error.name] ?? "busy");
  }
}

export function closeCamera(video) {
  for (const track of video.srcObject?.getTracks() ?? []) track.stop();
  video.srcObject = null;
}

function sizeOf(video) {
  const scale = Math.min(1, WIDE / Math.max(video.videoWidth, video.videoHeight));
  return [Math.round(video.videoWidth * scale), Math.round(video.videoHeight * scale)];
}

/** One message: 8 bytes little-endian milliseconds, then the JPEG. */
function message(at, jpeg) {
  const bytes = new Uint8Array(8 + jpeg.byteLength);
  new DataView(bytes.buffer).setFloat64(0, at, true);
  bytes.set(new Uint8Array(jpeg), 8);
  return bytes;
}

const jpegOf = (canvas) => new Promise((resolve) => { canvas.toBlob(resolve, "image/jpeg", QUALITY); });

/** Calls `act(now)` for each new picture of `video`; gives a function that stops it. */
function eachPicture(video, act) {
  let on = true;
  if (!video.requestVideoFrameCallback) {
    const timer = setInterval(() => act(performance.now()), GAP_MS);
    return () => clearInterval(timer);
  }
  const next = () => video.requestVideoFrameCallback((now) => {
    if (!on) return;
    act(now);
    next();
  });
  next();
  return () => { on = false; };
}

/** Sends the pictures of `video`, as the camera sees them (not mirrored), and their hash chain, until the returned function is called;
 * at most one picture in `gap` ms. */
export function sendPictures(video, socket, token, gap = GAP_MS) {
  const canvas = document.createElement("canvas");
  const pen = canvas.getContext("2d", { alpha: false });
  let last = -Infinity;
  let making = 0;
  let line = Promise.resolve();
  const chain = new Chain(token);
  const open = () => socket.readyState === WebSocket.OPEN;
  socket.send(JSON.stringify({ type: "camera", label: video.srcObject?.getVideoTracks()[0]?.label ?? "" }));

  const send = async (now, picture) => {
    const jpeg = await (await picture)?.arrayBuffer();
    making -= 1;
    if (!jpeg || !open()) return;
    const bytes = message(now, jpeg);
    socket.send(bytes);
    const link = await chain.add(bytes);
    if (link && open()) socket.send(link);
  };

  return eachPicture(video, (now) => {
    if (making >= MAKING || now - last < gap || !video.videoWidth) return;
    if (!open() || socket.bufferedAmount > WAITING_BYTES) return;
    last = now;
    making += 1;
    [canvas.width, canvas.height] = sizeOf(video);
    pen.drawImage(video, 0, 0, canvas.width, canvas.height);
    const picture = jpegOf(canvas);
    line = line.then(() => send(now, picture));
  });
}
