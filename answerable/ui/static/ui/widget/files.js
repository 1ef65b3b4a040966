// A file's address holds for one minute, so a click asks for a new one.
import { fine } from "./said.js";
import { ask } from "./session.js";

const { base } = document.body.dataset;
const FILE = /^\/((?:requests|articles)\/\d+\/files\/\d+)\/[^/]+$/;

document.addEventListener("click", async (event) => {
  const link = event.target.closest("a[href]:not([download])");
  if (!link) return;
  const href = link.getAttribute("href");
  const found = href.startsWith(base) && FILE.exec(href.slice(base.length));
  // Other links in what people wrote lead out of the frame.
  if (!found) return void (href.startsWith("#") || Object.assign(link, { target: "_blank", rel: "noopener" }));
  event.preventDefault();
  const answer = await ask(found[1]);
  if (!answer.ok) return void fine(answer);
  const { address, asks } = await answer.json();
  // Where a click would run it, a page of its own asks first.
  const how = asks ? { target: "_blank", rel: "noopener" } : { download: "" };
  const fetched = Object.assign(document.createElement("a"), { href: address, ...how });
  document.body.append(fetched);
  fetched.click();
  fetched.remove();
});
