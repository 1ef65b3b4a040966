// The top bar's search leads to the palette; what is still being composed is not torn from it.
export function lead(bar, open) {
  const move = () => {
    const text = bar.value;
    bar.value = "";
    open(text);
  };
  bar.addEventListener("click", () => open(bar.value));
  bar.addEventListener("input", (event) => event.isComposing || move());
  bar.addEventListener("compositionend", () => bar.value && move());
}
