// What a form asks for some severities alone is there while one of them is chosen.
function look(form) {
  const chosen = form.elements.severity?.value ?? "";
  for (const one of form.querySelectorAll("[data-asked-for]")) {
    const field = one.closest(".field");
    if (field) field.hidden = !one.dataset.askedFor.split(" ").includes(chosen);
  }
}

function lookAtAll() {
  for (const form of document.querySelectorAll("form:has([data-asked-for])")) look(form);
}

document.addEventListener("change", (event) => {
  if (event.target.name === "severity" && event.target.form) look(event.target.form);
});

lookAtAll();
