// Live alerts, a sound, and an end to idle pages. Every page works without this file.
"use strict";

const IDLE_MS = 15 * 60 * 1000;
const KEPT = "tend-sound";

// --- what stands in the forms of this page ---------------------------------------------------
const typed = (field) => field.name && !field.readOnly
  && field.matches("textarea, select, input:not([type=hidden], [type=password], [type=search])")
  && (field.matches("select") ? !field.selectedOptions[0]?.defaultSelected && field.value !== ""
    : field.matches("[type=radio], [type=checkbox]") ? field.checked && !field.defaultChecked
      : field.value !== field.defaultValue);
const filledForms = (but) => {
  const found = {};
  for (const form of document.querySelectorAll("main form[method=post]")) {
    const secret = form.querySelector("[type=password]");
    const fields = form === but || secret ? [] : [...form.elements].filter(typed);
    if (!fields.length) continue;
    found[new URL(form.action).pathname] = Object.fromEntries(fields.map((one) => [one.name, one.value]));
  }
  return found;
};
// A login may end between two fields: whichever form is sent takes the words of the others along.
addEventListener("submit", (event) => {
  const others = filledForms(event.target);
  if (event.target.method !== "post" || !Object.keys(others).length) return;
  const field = event.target.elements.kept || document.createElement("input");
  Object.assign(field, { type: "hidden", name: "kept", value: JSON.stringify(others) });
  event.target.append(field);
});

// --- idle: what is on the screen goes when nobody is there -----------------------------------
if (document.body.dataset.login) {
  let timer = 0;
  const leave = async () => {
    const forms = filledForms(null);
    const token = document.querySelector("[name=_csrf_token]");
    if (token && Object.keys(forms).length) {
      const body = new URLSearchParams({
        _csrf_token: token.value, page: location.pathname, kept: JSON.stringify(forms),
      });
      try {
        await fetch("/account/kept-form/keep", { method: "POST", credentials: "same-origin", body });
      } catch { /* the network is away */ }
    }
    location.assign("/login");
  };
  const again = () => {
    clearTimeout(timer);
    timer = setTimeout(leave, IDLE_MS);
  };
  // Typing a long note is being there, though it asks for no page: tell the server now and then.
  let told = Date.now();
  const busy = () => {
    if (Date.now() - told < 60 * 1000) return;
    told = Date.now();
    fetch("/account/here", { credentials: "same-origin" }).then((answer) => {
      if (answer.status === 204) again();
    }).catch(() => {});
  };
  for (const act of ["keydown", "pointerdown", "scroll"]) {
    addEventListener(act, busy, { passive: true });
  }
  again();
}

// --- how long a text is ----------------------------------------------------------------------
for (const field of document.querySelectorAll("textarea[data-count]")) {
  const shown = document.getElementById(field.dataset.count);
  const tell = () => {
    const plain = /^[\x20-\x7e\n\u00a1\u00a3\u00a5\u00bf\u00c4-\u00c6\u00c9\u00d1\u00d6\u00d8\u00dc\u00df\u00e0\u00e4-\u00e6\u00e8\u00e9\u00ec\u00f1\u00f2\u00f6\u00f8\u00f9\u00fc]*$/.test(field.value);
    const [one, more] = plain ? [160, 153] : [70, 67];
    const size = field.value.length;
    const parts = size <= one ? 1 : Math.ceil(size / more);
    shown.textContent = size ? `${size} characters, ${parts} ${parts === 1 ? "text" : "texts"}` : "";
  };
  field.addEventListener("input", tell);
  tell();
}

// --- live alerts -----------------------------------------------------------------------------
const list = document.getElementById("alerts");
if (list) {
  const title = document.title;
  const spoken = document.getElementById("spoken");
  const button = document.getElementById("sound");
  const line = document.getElementById("line");
  let known = new Set((list.dataset.open || "").split(" ").filter(Boolean));
  let audio = null;

  const badge = (count) => { document.title = count ? `(${count}) ${title}` : title; };
  badge(known.size);

  const beep = () => {
    if (!audio) return;
    for (const [at, tone] of [[0, 740], [0.22, 988], [0.44, 740]]) {
      const sound = audio.createOscillator();
      const volume = audio.createGain();
      const start = audio.currentTime + at;
      sound.frequency.value = tone;
      volume.gain.setValueAtTime(0.0001, start);
      volume.gain.exponentialRampToValueAtTime(0.3, start + 0.02);
      volume.gain.exponentialRampToValueAtTime(0.0001, start + 0.2);
      sound.connect(volume).connect(audio.destination);
      sound.start(start);
      sound.stop(start + 0.21);
    }
  };
  const setSound = (on) => {
    if (on && !audio) audio = new AudioContext();
    if (!on && audio) { audio.close(); audio = null; }
    button.setAttribute("aria-pressed", String(on));
    button.textContent = on ? "Sound is on" : "Sound is off";
    localStorage.setItem(KEPT, on ? "on" : "off");
  };
  button.hidden = false;
  button.addEventListener("click", () => { setSound(!audio); beep(); });
  // A browser lets a page sound only after somebody has touched it.
  if (localStorage.getItem(KEPT) === "on") {
    document.addEventListener("pointerdown", (event) => {
      if (!audio && event.target !== button) setSound(true);
    }, { once: true });
  }

  // Too many windows are live: this one looks again a minute later, and says so meanwhile.
  const AGAIN_MS = 60 * 1000;
  const REFUSED_MS = 10 * 1000;
  const lost = line.textContent;
  let source = null;
  const listen = () => {
    source = new EventSource("/now/live");
    source.addEventListener("alerts", (event) => {
      const found = JSON.parse(event.data);
      const focused = document.activeElement && list.contains(document.activeElement)
        ? document.activeElement.id : "";
      list.innerHTML = found.html;
      if (focused) document.getElementById(focused)?.focus();
      const fresh = found.open.filter((id) => !known.has(id));
      for (const id of fresh) document.getElementById(`alert-${id}`)?.classList.add("new");
      if (fresh.length) {
        spoken.textContent = fresh.map((id) => found.words[id]).join(". ");
        beep();
      }
      known = new Set(found.open);
      badge(known.size);
      line.hidden = true;
    });
    source.addEventListener("ended", () => { source.close(); location.assign("/login?next=/now"); });
    source.addEventListener("full", () => {
      source.close();
      line.textContent = "Too many windows are open: this one is fresh only once a minute. Close some.";
      line.hidden = false;
      setTimeout(listen, AGAIN_MS);
    });
    source.onerror = () => {
      line.textContent = lost;
      line.hidden = false;
      // Refused: the login ended before we asked, or windows are opened by the dozen. The browser
      // itself does not ask again; the page, loaded anew by nobody, says which it is.
      if (source.readyState === EventSource.CLOSED) {
        setTimeout(() => location.assign("/now/again"), REFUSED_MS);
      }
    };
  };
  listen();
  addEventListener("pagehide", () => source.close());
}
