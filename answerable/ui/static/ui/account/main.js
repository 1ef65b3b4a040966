// A form that is sent with a passkey: data-passkey says whether one is made ("create") or used ("get"), the options come
// with the page (data-passkey-options) or from the form's own address.
const ABLE = window.PublicKeyCredential?.parseRequestOptionsFromJSON !== undefined;

async function optionsOf(form) {
  if (form.dataset.passkeyOptions) return JSON.parse(form.dataset.passkeyOptions).publicKey;
  const answer = await fetch(form.action, { headers: { Accept: "application/json" } });
  return (await answer.json()).request_options.publicKey;
}

async function credentialOf(form) {
  const options = await optionsOf(form);
  if (form.dataset.passkey === "get") {
    return navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options) });
  }
  // One that can sign in alone where the device is able to; a plain second factor where it is not.
  options.authenticatorSelection = { residentKey: "preferred", userVerification: "preferred" };
  return navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options) });
}

async function send(form) {
  const failed = form.querySelector("[data-passkey-failed]");
  failed.hidden = true;
  try {
    form.elements.credential.value = JSON.stringify((await credentialOf(form)).toJSON());
  } catch {
    failed.hidden = false;
    return;
  }
  form.submit();
}

for (const form of document.querySelectorAll("form[data-passkey]")) {
  if (!ABLE && form.classList.contains("with-script")) form.hidden = true;
  form.querySelector("button").addEventListener("click", (event) => {
    event.preventDefault();
    send(form);
  });
}
