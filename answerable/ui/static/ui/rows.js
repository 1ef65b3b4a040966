// j and k walk a list marked data-rows: the focus itself moves from link to link, so Enter opens and x marks the row's box.
import { isOn } from "./keys.js";

let last = "";

function step(links, by) {
  const focused = links.indexOf(document.activeElement);
  const at = focused >= 0 ? focused : links.findIndex((link) => link.id === last);
  const next = links[Math.max(0, Math.min(links.length - 1, at < 0 ? 0 : at + by))];
  last = next.id;
  next.focus();
  next.closest("tr, li").scrollIntoView({ block: "nearest" });
}

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || !isOn()) return;
  if (event.target.matches("input, textarea, select") || document.querySelector("dialog[open]")) return;
  const links = [...document.querySelectorAll("[data-rows] .list-title")];
  if (!links.length) return;
  if (event.key === "j") step(links, 1);
  if (event.key === "k") step(links, -1);
  if (event.key === "x") document.activeElement.closest("[data-rows] tr")?.querySelector("[type=checkbox]")?.click();
});
