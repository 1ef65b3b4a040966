// A text field grows with its text where the browser cannot do it by CSS (field-sizing).
function fit(field) {
  field.style.blockSize = "auto";
  field.style.blockSize = `${field.scrollHeight + 2}px`;
}

if (!CSS.supports("field-sizing", "content")) {
  document.addEventListener("input", (event) => {
    if (event.target.matches("textarea[data-autosize]")) fit(event.target);
  });
}
