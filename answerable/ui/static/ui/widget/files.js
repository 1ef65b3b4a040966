// A file's address holds for one minute, so a click asks for a new one.
import { fine } from "./said.js";
import { ask } from "./session.js";

const { base } = document.body.dataset;
const FILE = /^\/(requests\/\d+\/files\/\d+)\/[^/]+$/;

document.addEventListener("click", async (event) => {
  const link = event.target.closest("a[href]");
  const found = link?.getAttribute("href").startsWith(base) && FILE.exec(link.getAttribute("href").slice(base.length));
  if (!found) {
    // Links in what people wrote lead out of the frame.
    if (link && !link.hasAttribute("download") && !link.getAttribute("href").startsWith("#")) Object.assign(link, { target: "_blank", rel: "noopener" });
    return;
  }
  event.preventDefault();
  const answer = await ask(found[1]);
  if (!answer.ok) return void fine(answer);
  const { address } = await answer.json();
  const fetched = Object.assign(document.createElement("a"), { href: address, download: "" });
  document.body.append(fetched);
  fetched.click();
  fetched.remove();
});
