// [data-left]: counts the seconds until something leaves, by the server's clock ([data-now] around it); then it says [data-over].
const shown = new Map();
let timer = 0;

function look(root) {
  for (const part of root.querySelectorAll("[data-left]")) {
    const made = Date.parse(part.closest("[data-now]")?.dataset.now) || Date.now();
    shown.set(part, Date.now() + Date.parse(part.dataset.left) - made);
  }
  clearInterval(timer);
  if (shown.size) timer = setInterval(count, 1000);
}

function count() {
  for (const [part, end] of shown) {
    const left = Math.round((end - Date.now()) / 1000);
    if (left > 0 && part.isConnected) part.querySelector("time").textContent = `${left} s`;
    else {
      part.textContent = part.dataset.over;
      shown.delete(part);
    }
  }
  if (!shown.size) clearInterval(timer);
}

document.addEventListener("htmx:load", (event) => look(event.detail.elt));
look(document);
