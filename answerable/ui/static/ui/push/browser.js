// What the browser itself can do about push, and what it lacks.
const APPLE = /iPhone|iPad|iPod/;

// "" where nothing is missing; else which words say why. A page without https has no push, an iPhone only what is installed.
export function lacking() {
  if (!window.isSecureContext) return "insecure";
  if (!("serviceWorker" in navigator && "PushManager" in window && "Notification" in window)) {
    const apple = APPLE.test(navigator.userAgent) || (navigator.platform === "MacIntel" && navigator.maxTouchPoints > 1);
    return apple && !navigator.standalone ? "install" : "missing";
  }
  return Notification.permission === "denied" ? "denied" : "";
}

// As the list of channels names it: SHA-256 of its address, in hex.
export async function mark(endpoint) {
  const bytes = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(endpoint)));
  return [...bytes].map((one) => one.toString(16).padStart(2, "0")).join("");
}

// Its worker rules the folder that it lies in.
export async function subscription(worker) {
  return (await navigator.serviceWorker.getRegistration(worker))?.pushManager.getSubscription();
}

function active(registration) {
  const worker = registration.installing ?? registration.waiting ?? registration.active;
  if (worker.state === "activated") return worker;
  return new Promise((done) => worker.addEventListener("statechange", () => worker.state === "activated" && done(worker)));
}

// null where its person says no. Throws what the browser says where its push service cannot be reached.
export async function subscribe({ worker, publicKey }, token) {
  if ((await Notification.requestPermission()) !== "granted") return null;
  const answer = await fetch(publicKey, { method: "POST", headers: { "X-CSRFToken": token }, redirect: "manual" });
  // The session has ended: the page leads to the log-in.
  if (answer.type === "opaqueredirect") location.reload();
  if (!answer.ok) throw new Error(answer.status);
  const registration = await navigator.serviceWorker.register(worker);
  await active(registration);
  const options = { userVisibleOnly: true, applicationServerKey: await answer.text() };
  try {
    return await registration.pushManager.subscribe(options);
  } catch (error) {
    // Subscribed under a key that this installation has no more.
    const old = error.name === "InvalidStateError" && (await registration.pushManager.getSubscription());
    if (!old) throw error;
    await old.unsubscribe();
    return registration.pushManager.subscribe(options);
  }
}
