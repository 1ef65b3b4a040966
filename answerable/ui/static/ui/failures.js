// When a fragment cannot be had: a refusal shows its own words; anything else says what was kept and what to do.
function say(which) {
  const words = document.querySelector(`template[data-failure="${which}"]`);
  if (words) document.querySelector("#flashes").append(words.content.cloneNode(true));
}

document.addEventListener("htmx:beforeSwap", (event) => {
  const { xhr } = event.detail;
  // A whole page (the log-in, an error page) never belongs inside another: go there instead.
  if (/^\s*<!doctype/i.test(xhr.responseText)) {
    event.detail.shouldSwap = false;
    if (xhr.status < 400) location.assign(xhr.responseURL);
    else say("broken");
    return;
  }
  if (xhr.status < 400) return;
  event.detail.shouldSwap = xhr.status === 422 || xhr.getResponseHeader("HX-Retarget") !== null;
  if (!event.detail.shouldSwap) say("broken");
});

for (const kind of ["htmx:sendError", "htmx:timeout"]) document.addEventListener(kind, () => say("offline"));
