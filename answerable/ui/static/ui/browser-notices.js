// Notices in a corner of the screen, for who asked for them in this browser (desk/notices-choice.js). Any page that leads /live
// shows them, so each is there once; how is loaded when there is something to show.
import { leads } from "./live.js";

document.addEventListener("live", async ({ detail }) => {
  if (detail?.k !== "notices" && detail?.k !== "refresh") return;
  if (leads() && localStorage.getItem("browser-notices") === "on") (await import("./desk/browser-notices.js")).soon();
});
