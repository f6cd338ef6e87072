// What every page does: say when the connection is gone, and remember where to come back to.
const banner = document.querySelector("[data-offline]");
const online = () => { banner.hidden = navigator.onLine; };
addEventListener("online", online);
addEventListener("offline", online);
online();

/** The address on this site that `return` asks for, or null: never another site. */
export function wanted() {
  const value = new URLSearchParams(location.search).get("return");
  if (!value?.startsWith("/")) return null;
  const url = new URL(value, location.origin);
  return url.origin === location.origin ? url.pathname + url.search : null;
}

const back = wanted() ?? (location.pathname.startsWith("/checkout/") ? location.pathname + location.search : null);
if (back) {
  for (const link of document.querySelectorAll("a[data-carry]")) {
    link.search = new URLSearchParams({ return: back });
  }
}
