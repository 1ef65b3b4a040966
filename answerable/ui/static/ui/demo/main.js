// What a vendor's page does: it says who its user is, opens the support center, and hears what happens there.
const heard = document.querySelector("[data-heard]");

async function token(user) {
  const answer = await fetch(document.body.dataset.tokenUrl, { method: "POST", body: new URLSearchParams({ user }) });
  return answer.ok ? (await answer.json()).token : null;
}

const ready = (call) => (window.answerableQueue ??= []).push(call);

document.addEventListener("click", ({ target }) => {
  const button = target.closest("[data-user], [data-open]");
  if (!button) return;
  const { user, open } = button.dataset;
  if (open !== undefined) return ready((answerable) => answerable.open(open ? { [open]: true } : {}));
  for (const one of document.querySelectorAll("[data-user]")) one.setAttribute("aria-pressed", String(one === button));
  ready((answerable) => answerable.identify(user ? () => token(user) : null));
});

for (const name of ["open", "close", "unread", "sent"])
  document.addEventListener(`answerable:${name}`, ({ detail }) => (heard.textContent = `answerable:${name} ${JSON.stringify(detail ?? {})}`));
