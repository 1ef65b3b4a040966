// News of the ladder never takes away what somebody is writing there; what was sent is no longer being written.
document.addEventListener("htmx:oobBeforeSwap", (event) => {
  const { target } = event.detail;
  if (target.id !== "ladder-acts") return;
  const writing = [...target.querySelectorAll("textarea, input[type=text], input:not([type])")].some((one) => one.value.trim());
  if (writing || target.contains(document.activeElement)) event.detail.shouldSwap = false;
});

document.addEventListener("htmx:beforeSwap", (event) => {
  const form = event.detail.requestConfig?.elt;
  if (event.detail.xhr.status >= 400 || !form?.closest?.("#ladder-acts")) return;
  form.reset?.();
  document.activeElement?.blur();
});

// At the desk the whole part is swapped: while somebody writes in it, it waits.
document.addEventListener("htmx:beforeRequest", (event) => {
  const part = event.detail.elt;
  if (part.id === "ladder" && [...part.querySelectorAll("textarea")].some((one) => one.value.trim())) event.preventDefault();
});
