// The palette's listbox: options from the server, and those of the page itself, of which one is chosen. The focus stays in
// the field.
import { own } from "./palette-own.js";

function make(name, className, text) {
  const part = document.createElement(name);
  part.className = className;
  part.textContent = text;
  return part;
}

export class Box {
  elements = []; // what the options of this page stand for

  constructor(dialog) {
    this.field = dialog.querySelector("input");
    this.box = dialog.querySelector("[role=listbox]");
    this.none = dialog.querySelector(".palette-none");
    this.told = dialog.querySelector("[role=status]");
    this.places = dialog.querySelector("[data-places]");
  }

  options = () => [...this.box.querySelectorAll("[role=option]")];
  chosen = () => this.box.querySelector("[aria-selected=true]");

  choose(option) {
    for (const one of this.options()) one.setAttribute("aria-selected", String(one === option));
    if (option) this.field.setAttribute("aria-activedescendant", option.id);
    else this.field.removeAttribute("aria-activedescendant");
    option?.scrollIntoView({ block: "nearest" });
  }

  group([title, found]) {
    const part = document.createElement("div");
    const head = make("div", "palette-title", title);
    head.id = `palette-own-${this.elements.length}`;
    part.setAttribute("role", "group");
    part.setAttribute("aria-labelledby", head.id);
    part.append(head, ...found.map((one) => this.option(one)));
    return part;
  }

  option({ element, name, key }) {
    const option = make("div", "palette-option", "");
    option.setAttribute("role", "option");
    option.setAttribute("aria-selected", "false");
    option.id = `palette-do-${this.elements.length}`;
    option.dataset.at = this.elements.length;
    this.elements.push(element);
    option.append(make("span", "palette-name", name), ...key.split(" ").filter(Boolean).map((one) => make("kbd", "key", one)));
    return option;
  }

  show(html, text) {
    this.box.innerHTML = html;
    this.elements = [];
    const groups = own(text, this.places).map((one) => this.group(one));
    // What one types the beginning of is meant before what merely holds the word.
    if (text) this.box.prepend(...groups);
    else this.box.append(...groups);
    const count = this.options().length;
    const { one, many, none } = this.told.dataset;
    this.none.hidden = count > 0;
    this.told.textContent = count === 1 ? one : count ? many.replace("%(count)s", count) : none;
    this.choose(this.options()[0]);
    this.box.scrollTop = 0;
  }
}
