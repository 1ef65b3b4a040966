// What the palette offers of the page itself: what it can do, the views of its rail, and places to go.
import { actions, label } from "../actions.js";

function fitting(text) {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  return ({ name }) => {
    const parts = name.toLowerCase().split(/[^\p{L}\p{N}]+/u);
    return words.every((word) => parts.some((part) => part.startsWith(word)));
  };
}

function views(places) {
  const hrefs = new Set([...places.querySelectorAll("a")].map((one) => one.href));
  return [...document.querySelectorAll(".rail-link")]
    .filter((one) => !hrefs.has(one.href))
    .map((element) => ({ element, name: (element.firstChild?.textContent ?? "").trim(), key: "" }))
    .filter((one) => one.name);
}

// Groups of a title and what fits the text; none is empty.
export function own(text, places) {
  const all = [...actions()].map(([key, element]) => ({ key, element, name: label(element) }));
  const { actions: here, views: rail, title: there } = places.dataset;
  const groups = [
    [here, all.filter((one) => !places.contains(one.element))],
    [rail, text ? views(places) : []],
    [there, all.filter((one) => places.contains(one.element))],
  ];
  const fits = fitting(text);
  return groups.map(([title, found]) => [title, found.filter(fits)]).filter(([, found]) => found.length);
}
