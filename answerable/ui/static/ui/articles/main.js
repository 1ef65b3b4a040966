// What the pages on which an article is written do besides main.js.
import "../compose/attach.js";
import "../compose/markdown.js";
import "./files.js";
import "./unsaved.js";
