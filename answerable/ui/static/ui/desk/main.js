// What the desk does besides main.js.
import "./bulk.js";
import "./keys-list.js";
import "./looked-at.js";
import "./notices-choice.js";
import "./opened.js";
import "./palette.js";
import "./presence-rows.js";
import "./row-keys.js";
import "./selecting.js";
