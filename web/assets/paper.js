// Receipt and order: print.
import "./page.js";

document.querySelector("[data-print]")?.addEventListener("click", () => print());
