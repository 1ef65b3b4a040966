// What the page of a request does besides main.js and the composer.
import "./leaving.js";
import "./meeting.js";
import "./presence.js";
