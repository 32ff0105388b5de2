// Advice while typing, and keys for the queue. Every page works without this file.
"use strict";

const WAIT_MS = 500;

// --- advice while typing ---------------------------------------------------------------------
const lesson = document.getElementById("lesson");
if (lesson) {
  const shown = document.getElementById("advice");
  let timer = 0;
  let asked = 0;
  const ask = async () => {
    const mine = ++asked;
    try {
      const answer = await fetch("/teach/advice", {
        method: "POST", credentials: "same-origin", body: new URLSearchParams(new FormData(lesson)),
      });
      const html = await answer.text();
      // Only the newest question's answer counts; a login page is none.
      if (answer.ok && !answer.redirected && mine === asked) shown.innerHTML = html;
    } catch { /* the network is away: the button still asks */ }
  };
  // A tap on a new word vouches for it: the same as writing it under "New words".
  shown.addEventListener("click", (event) => {
    const word = event.target.closest("[data-vouch]")?.dataset.vouch;
    if (!word) return;
    const field = lesson.elements.vouched;
    field.value = `${field.value} ${word}`.trim();
    event.target.disabled = true;
    field.dispatchEvent(new Event("input", { bubbles: true }));
  });
  lesson.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(ask, WAIT_MS); });
}

// --- keys for the queue ----------------------------------------------------------------------
const groups = [...document.querySelectorAll("#groups > .group")];
if (groups.length) {
  let at = -1;
  const go = (place) => {
    at = Math.max(0, Math.min(groups.length - 1, place));
    groups[at].focus();
    groups[at].scrollIntoView({ block: "nearest" });
  };
  addEventListener("keydown", (event) => {
    const busy = event.target.closest("input, select, textarea, button, a");
    if (busy || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "j") go(at + 1);
    else if (event.key === "k") go(at - 1);
    else if (event.key === "Enter" && at >= 0) groups[at].querySelector(".go").click();
    else if (event.key === "x" && at >= 0) groups[at].querySelector(".aside").click();
    else return;
    event.preventDefault();
  });
}
