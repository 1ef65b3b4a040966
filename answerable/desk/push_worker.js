// Pages that reach this browser while no page of the desk is open (a service worker, scope /desk/push/): it shows what is
// pushed, opens what is clicked, and says so when its address changes. It answers no request and keeps no page.
const KEPT = "/desk/push/kept";
const pictures = { icon: "/static/ui/push/icon.png", badge: "/static/ui/push/badge.png" };

self.addEventListener("install", () => self.skipWaiting());

function read(data) {
  try {
    return data.json();
  } catch {
    return {};
  }
}

async function show(page) {
  const shown = await self.registration.getNotifications();
  // What somebody has seen meanwhile needs nobody here any more.
  for (const one of shown) if (one.data?.alert && page.open && !page.open.includes(one.data.alert)) one.close();
  await self.registration.showNotification(page.title ?? "Answerable", {
    ...pictures,
    body: page.text ?? "",
    tag: page.alert ? `alert-${page.alert}` : "test",
    // A repeat takes the place of the one before it, and is heard again.
    renotify: true,
    requireInteraction: page.kind === "page",
    data: { alert: page.alert, link: page.link ?? "/desk/alerts" },
  });
}

async function open(link) {
  const windows = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
  const there = windows.find((one) => one.url === link);
  return there ? there.focus() : self.clients.openWindow(link);
}

async function renew({ newSubscription, oldSubscription }) {
  const kept = await (await (await caches.open("push")).match(KEPT))?.json();
  if (!kept) return;
  const applicationServerKey = oldSubscription?.options.applicationServerKey ?? kept.key;
  const fresh = newSubscription ?? (await self.registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey }));
  const { endpoint, keys } = fresh.toJSON();
  await fetch("/desk/push/renew", { method: "POST", body: new URLSearchParams({ token: kept.token, endpoint, ...keys }) });
}

self.addEventListener("push", (event) => event.waitUntil(show(read(event.data))));

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(open(event.notification.data.link));
});

self.addEventListener("pushsubscriptionchange", (event) => event.waitUntil(renew(event)));
