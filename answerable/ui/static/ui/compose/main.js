// What the composer of the desk does besides main.js: for the pages that have one.
import "./articles.js";
import "./attach.js";
import "./begun.js";
import "./canned.js";
import "./look.js";
import "./markdown.js";
import "./mention.js";
import "./send-as.js";
