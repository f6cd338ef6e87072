// One capture: pictures or sound go to the server, its prompts come back, a result ends it.
/** The server is silent for this long: the capture is over. */
const SILENCE_MS = 20_000;

/**
 * Runs a capture over the WebSocket at `path`. `send(socket, token)` begins to send and gives a function that stops it;
 * `on[type](message)` is called for each message of the server but the last.
 * Gives `{ result, cancel }`; the result is the server's last message, or `{ outcome: "lost" }`.
 */
export function capture(path, send, on) {
  const url = new URL(path, location.href);
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  const socket = new WebSocket(url);
  let stop = () => {};
  let silence;
  const heard = (lost) => {
    clearTimeout(silence);
    silence = setTimeout(lost, SILENCE_MS);
  };
  const result = new Promise((resolve) => {
    const end = (outcome) => {
      clearTimeout(silence);
      stop();
      resolve(outcome);
      socket.close();
    };
    const lost = () => end({ outcome: "lost" });
    heard(lost);
    socket.onopen = () => { stop = send(socket, url.searchParams.get("token")); };
    socket.onclose = lost;
    socket.onmessage = ({ data }) => {
      heard(lost);
      const message = JSON.parse(data);
      if (message.type === "result") end(message);
      else on[message.type]?.(message);
      if (message.type === "judging") stop();
    };
  });
  const cancel = () => {
    if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify({ type: "cancel" }));
    socket.close();
  };
  return { result, cancel };
}
