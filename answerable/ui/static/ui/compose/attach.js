// Files for what is being written: dropped on its form, pasted into it, or chosen. Each is kept on the server at once, with its
// progress; sending waits for those on their way. Without scripts the form's own file field does.
const MB = 1024 * 1024;
const busy = new WeakMap();
const kinds = { "image/png": "png", "image/jpeg": "jpg", "image/gif": "gif", "image/webp": "webp" };

const size = (bytes) => (bytes < 1e6 ? `${Math.max(1, Math.round(bytes / 1000))} kB` : `${(bytes / 1e6).toFixed(1)} MB`);
const place = (form) => form.querySelector("[data-files]");

function complain(form, words) {
  const error = form.querySelector("[data-files-error]");
  error.textContent = words;
  error.hidden = !words;
}

// Said before anything is sent.
function wrong(form, file) {
  const { dataset } = place(form);
  const there = [...form.querySelectorAll(".begun-file")].map((one) => Number(one.dataset.bytes));
  const together = there.reduce((sum, bytes) => sum + bytes, file.size);
  if (!file.size) return dataset.empty.replace("%s", file.name);
  if (file.size > dataset.each * MB) return dataset.tooLarge.replace("%s", file.name);
  if (there.length + 1 > dataset.count || together > dataset.together * MB) return `${dataset.tooMany} ${dataset.leftOut.replace("%s", file.name)}`;
  return "";
}

function row(form, file) {
  const item = document.createElement("li");
  item.className = "begun-file is-coming";
  item.dataset.bytes = file.size;
  const name = document.createElement("span");
  name.className = "begun-file-name";
  name.textContent = file.name;
  const bytes = document.createElement("span");
  bytes.className = "quiet";
  bytes.textContent = ` ${size(file.size)}`;
  const bar = document.createElement("progress");
  bar.max = 100;
  bar.value = 0;
  bar.setAttribute("aria-label", file.name);
  item.append(name, bytes, bar);
  place(form).querySelector("ul").append(item);
  return item;
}

function replace(form, html) {
  const coming = [...form.querySelectorAll(".begun-file.is-coming")];
  const error = form.querySelector("[data-files-error]");
  const made = new DOMParser().parseFromString(html, "text/html").querySelector("[data-files]");
  place(form).replaceWith(made);
  made.querySelector("ul").append(...coming);
  if (error && !error.hidden) complain(form, error.textContent);
  form.dispatchEvent(new CustomEvent("files", { bubbles: true }));
}

function send(form, file, item) {
  return new Promise((resolve) => {
    const request = new XMLHttpRequest();
    const body = new FormData();
    body.append("files", file, file.name);
    request.upload.addEventListener("progress", (event) => {
      if (event.lengthComputable) item.querySelector("progress").value = (100 * event.loaded) / event.total;
    });
    request.addEventListener("loadend", () => {
      item.remove();
      const kept = request.status === 200;
      if (kept) replace(form, request.responseText);
      else complain(form, said(request) ?? place(form).dataset.failed.replace("%s", file.name));
      resolve(kept);
    });
    request.open("POST", `${form.dataset.begun}/files`);
    request.setRequestHeader("X-CSRFToken", form.elements.csrfmiddlewaretoken.value);
    request.setRequestHeader("Accept", "application/json");
    request.send(body);
  });
}

function said(request) {
  try {
    return JSON.parse(request.responseText).message;
  } catch {
    return null;
  }
}

// One after the other: the bar of each says something, and the limits are asked with those before it there.
async function add(form, files) {
  complain(form, "");
  const rows = files.map((file) => {
    const why = wrong(form, file);
    if (why) complain(form, why);
    return why ? null : [file, row(form, file)];
  });
  const mine = rows.filter(Boolean);
  const before = busy.get(form) ?? Promise.resolve(true);
  const now = before.then(async (kept) => {
    let all = kept;
    for (const [file, item] of mine) all = (await send(form, file, item)) && all;
    return all;
  });
  busy.set(form, now);
  await now;
  if (busy.get(form) === now) busy.delete(form);
}

document.addEventListener("change", (event) => {
  const { target } = event;
  if (!target.matches("form[data-begun] input[type=file]")) return;
  add(target.form, [...target.files]);
  target.value = "";
});

document.addEventListener("paste", (event) => {
  const form = event.target.closest?.("form[data-begun]");
  const data = event.clipboardData;
  // Office programs put a picture of the words beside them: the words are meant.
  if (!form || !data?.files.length || data.types.includes("text/plain")) return;
  event.preventDefault();
  const at = new Date().toTimeString().slice(0, 8).replaceAll(":", "");
  add(
    form,
    [...data.files].map((file) => (kinds[file.type] && file.name.startsWith("image.") ? new File([file], `picture-${at}.${kinds[file.type]}`, { type: file.type }) : file)),
  );
});

const target = (event) => event.dataTransfer?.types.includes("Files") && event.target.closest?.(".composer");
const open = (composer) => [...composer.querySelectorAll("form[data-begun]")].find((form) => form.checkVisibility());

document.addEventListener("dragover", (event) => {
  const composer = target(event);
  if (!composer) return;
  event.preventDefault();
  composer.classList.add("is-over");
});

document.addEventListener("dragleave", (event) => {
  const composer = event.target.closest?.(".composer");
  if (composer && !composer.contains(event.relatedTarget)) composer.classList.remove("is-over");
});

document.addEventListener("drop", (event) => {
  const composer = target(event);
  if (!composer) return;
  event.preventDefault();
  composer.classList.remove("is-over");
  add(open(composer), [...event.dataTransfer.files]);
});

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-take-off]");
  if (!button) return;
  const { form } = button;
  const headers = { "X-CSRFToken": form.elements.csrfmiddlewaretoken.value };
  const answer = await fetch(button.dataset.takeOff, { method: "POST", headers, redirect: "manual" }).catch(() => null);
  if (answer?.ok) replace(form, await answer.text());
  form.elements.text.focus();
});

// Before submit-once.js hears of it: what waits is sent by itself when its files are there, and not without one of them.
addEventListener(
  "submit",
  (event) => {
    const form = event.target;
    const coming = busy.get(form);
    if (!coming) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    coming.then((kept) => kept && form.isConnected && form.requestSubmit(event.submitter));
  },
  { capture: true },
);
