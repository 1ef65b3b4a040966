// What this browser keeps, so that its worker can say that its address has changed, also at night and with nobody logged in.
const KEPT = "/desk/push/kept";

const box = () => caches.open("push");
const base64 = (bytes) => btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

async function put(kept) {
  await (await box()).put(KEPT, new Response(JSON.stringify(kept)));
}

export function keep(token, mark, { options }) {
  return put({ token, mark, key: base64(new Uint8Array(options.applicationServerKey)) });
}

// Whether the address had changed, and is known now. Of whoever turned push on here, whoever looks at the page.
export async function renewed(url, mark, { endpoint, keys }) {
  const kept = await (await (await box()).match(KEPT))?.json();
  if (!kept || kept.mark === mark) return false;
  const answer = await fetch(url, { method: "POST", body: new URLSearchParams({ token: kept.token, endpoint, ...keys }) });
  await put({ ...kept, mark });
  return answer.ok;
}
