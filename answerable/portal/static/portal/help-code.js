// Each block of code in an article gets a button that copies it (ui/copy.js does).
const frame = document.querySelector("#help-code");

for (const code of document.querySelectorAll(".help-body pre")) {
  const box = frame.content.cloneNode(true).firstElementChild;
  box.querySelector("textarea").value = code.textContent.replace(/\n$/, "");
  code.before(box);
  box.prepend(code);
}
