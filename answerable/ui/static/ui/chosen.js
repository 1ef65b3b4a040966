// Which files a form will send: their names appear in its [data-chosen].
function tell(form) {
  const input = form.querySelector("input[type=file]");
  const words = form.querySelector("[data-chosen]");
  if (input && words) words.textContent = [...input.files].map((file) => file.name).join(", ");
}

document.addEventListener("change", (event) => {
  if (event.target.matches("input[type=file]") && event.target.form) tell(event.target.form);
});

document.addEventListener("reset", (event) => setTimeout(() => tell(event.target)));
