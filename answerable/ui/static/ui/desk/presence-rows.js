// The rows of a queue show in small who has each request open ([data-here-rows]: where to ask). Asked seldom, and only while
// somebody looks.
const ROWS = 20000;
let here = {};

function mark() {
  for (const old of document.querySelectorAll(".row-here")) old.remove();
  for (const [number, people] of Object.entries(here)) {
    const title = document.querySelector(`[data-rows] #t${number}`);
    if (!title) continue;
    const place = document.createElement("span");
    place.className = "row-here";
    for (const [initials, name, what] of people.slice(0, 3)) {
      const one = document.createElement("span");
      one.className = `avatar is-${what}`;
      one.title = name;
      one.textContent = initials;
      place.append(one);
    }
    title.parentElement.querySelector(".list-preview")?.prepend(place);
  }
}

async function look() {
  const rows = document.querySelector("[data-rows][data-here-rows]");
  if (!rows || document.hidden) return;
  try {
    const answer = await fetch(rows.dataset.hereRows, { redirect: "manual", headers: { Accept: "application/json" } });
    if (answer.status === 200) ({ here } = await answer.json());
  } catch {
    return;
  }
  mark();
}

if (document.querySelector("[data-here-rows]")) {
  look();
  setInterval(look, ROWS);
  document.addEventListener("visibilitychange", look);
  document.addEventListener("htmx:load", mark);
}
