// Live updates for the sandbox's page. Without this script every form still works by itself.
"use strict";

const body = document.body;
const notice = document.getElementById("notice");
const logs = document.querySelectorAll(".log");

function say(words, ok) {
  notice.textContent = words;
  notice.classList.toggle("refused", !ok);
}

function toEnd(log) {
  log.scrollTop = log.scrollHeight;
}

// The server escapes everything that people wrote; scripts in it could not run anyway (CSP).
function fragment(html) {
  const holder = document.createElement("template");
  holder.innerHTML = html;
  return holder.content;
}

async function send(form, submitter) {
  if (form.dataset.confirm && !window.confirm(form.dataset.confirm)) return;
  const data = new URLSearchParams(new FormData(form, submitter));
  const field = form.querySelector("[data-clear]");
  const isPhoto = submitter && submitter.name === "photo";
  if (field && !isPhoto) {
    if (!field.value.trim()) return;
    field.value = "";
    grow(field);
    field.focus();
  }
  try {
    const answer = await fetch(form.action, {
      method: "POST",
      body: data,
      headers: { accept: "application/json", "x-csrftoken": body.dataset.token },
    });
    const told = await answer.json();
    say(told.notice, told.ok);
    if (form.hasAttribute("data-rasa") && told.ok) {
      for (const button of form.querySelectorAll("button")) {
        button.setAttribute("aria-pressed", String(button === submitter));
      }
    }
  } catch {
    say("The sandbox does not answer. Is it still running?", false);
  }
}

document.addEventListener("submit", (event) => {
  if (!event.target.matches("form[data-live]")) return;
  event.preventDefault();
  send(event.target, event.submitter);
});

document.addEventListener("change", (event) => {
  if (event.target.matches("[data-submit]")) event.target.form.requestSubmit();
});

function grow(field) {
  field.rows = Math.min(5, Math.max(1, field.value.split("\n").length, Math.ceil(field.value.length / 30)));
}

document.addEventListener("input", (event) => {
  if (event.target.matches(".write textarea")) grow(event.target);
});

document.addEventListener("keydown", (event) => {
  const writing = event.target.matches(".write textarea");
  if (writing && event.key === "Enter" && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    event.target.form.requestSubmit(event.target.form.querySelector(".send"));
  }
});

function showTexts(texts) {
  for (const text of texts) {
    const log = document.getElementById("log-" + text.phone);
    const bubble = fragment(text.html).firstElementChild;
    const shown = document.getElementById(text.id);
    const atEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 60;
    if (shown) {
      shown.replaceWith(bubble);
      continue;
    }
    bubble.classList.add("fresh");
    log.append(bubble);
    if (atEnd) toEnd(log);
  }
}

function showStrip({ html }) {
  const strip = document.getElementById("strip");
  const lines = [...fragment(html).children];
  const keep = new Set(lines.map((line) => line.id));
  for (const old of [...strip.children]) if (!keep.has(old.id)) old.remove();
  for (const line of lines.reverse()) if (!document.getElementById(line.id)) strip.prepend(line);
}

function showAlerts({ html }) {
  const alerts = document.getElementById("alerts");
  const focused = alerts.contains(document.activeElement) ? document.activeElement.id : "";
  const chosen = [...alerts.querySelectorAll("select")].map((field) => [field.id, field.value]);
  alerts.replaceChildren(fragment(html));
  for (const [id, value] of chosen) {
    const field = document.getElementById(id);
    if (field) field.value = value;
  }
  if (focused) document.getElementById(focused)?.focus();
}

function showClock(clock) {
  document.getElementById("clock-time").textContent = clock.time;
  document.getElementById("clock-day").textContent = clock.day;
  const progress = document.getElementById("clock-progress");
  progress.hidden = !clock.moving;
  progress.max = clock.of || 1;
  progress.value = clock.done;
  for (const button of document.querySelectorAll("[data-move]")) button.disabled = clock.moving;
  if (body.classList.contains("moving") && !clock.moving) say(`It is ${clock.time} now.`, true);
  body.classList.toggle("moving", clock.moving);
}

function showSwitches(switches) {
  for (const [slug, state] of Object.entries(switches)) {
    document.getElementById("phone-" + slug).dataset.switch = state;
    const field = document.getElementById("switch-" + slug);
    if (field !== document.activeElement) field.value = state;
  }
}

const live = new EventSource(`/live?cursor=${body.dataset.cursor}&world=${body.dataset.world}`);
const show = { texts: showTexts, strip: showStrip, alerts: showAlerts, clock: showClock, switches: showSwitches };
for (const [name, handle] of Object.entries(show)) {
  live.addEventListener(name, (event) => handle(JSON.parse(event.data)));
}
live.addEventListener("anew", () => window.location.reload());
live.addEventListener("open", () => body.classList.remove("away"));
live.addEventListener("error", () => body.classList.add("away"));

logs.forEach(toEnd);
