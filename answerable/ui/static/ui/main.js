// The page's behaviours, each bound by data attributes. Every page works without them.
import "./autosize.js";
import "./browser-notices.js";
import "./chosen.js";
import "./copy.js";
import "./countdown.js";
import "./draft.js";
import "./failures.js";
import "./flash.js";
import "./keys.js";
import "./live.js";
import "./menu.js";
import "./patience.js";
import "./refocus.js";
import "./rows.js";
import "./sheets.js";
import "./submit-once.js";
import "./theme.js";
