// Saves what is typed in a referral's form: 1.5 seconds after the first key that is not saved, at
// once where something is chosen, and when the page goes out of sight. Everything is kept by the
// server, nothing by the browser. Without this file, what was last submitted is kept. While the
// screen is locked there is no form: what is answered meanwhile is noted once it is back.

const PAUSE = 1500;
const FIRST_RETRY = 2000;
const LONGEST_RETRY = 30000;
const LONGEST_WAIT = 10000; // for an answer
const NOT_SAVED =
  "Draft not saved. Check your connection: your answers are still on this page.";
const OVER = "You are no longer logged in. Log in again: what you typed is kept.";
const LOCKED = "PharmRefer is locked. What you typed is still on this page.";
const TOO_OLD = "Draft not saved: this page is too old. Press Continue.";
const TOO_LONG = "Draft not saved: there is too much text on this page. Make it shorter.";
const SMALL = 60000; // bytes: browsers send no more (64 KB) once a page is left

let form = null; // while it is in the page
let whenBack = []; // what to do then
let isDirty = false;
let isLocked = false;
let isStopped = false; // nothing that is saved by itself would be right
let isSubmitting = false;
let isLeaving = false;
let lastKind = "";
let newer = 0;
let retry = FIRST_RETRY;
let timer = 0;
let sending = null;

function part(id) {
  return document.getElementById(id);
}

// Does something with the form: now, or when it is back.
function once(act) {
  if (form) {
    act();
  } else {
    whenBack.push(act);
  }
}

// Shows how things stand; says it aloud only where that is new.
function tell(kind, sentence) {
  once(() => show(kind, sentence));
}

function show(kind, sentence) {
  const said = part("draft-said");
  said.textContent = sentence;
  said.hidden = false;
  said.classList.toggle("app-draft--not", kind !== "saved");
  if (kind !== lastKind && kind !== "changed") {
    part("draft-aloud").textContent = sentence;
  }
  lastKind = kind;
}

function later(wait) {
  clearTimeout(timer);
  timer = setTimeout(save, wait);
}

function typed() {
  form.elements.turn.value = Number(form.elements.turn.value) + 1;
  const body = new URLSearchParams(new FormData(form));
  for (const name of ["csrfmiddlewaretoken", "search", "searched", "banner"]) {
    body.delete(name);
  }
  return body;
}

// What another window has saved is not overwritten until the person says so.
function conflict(sentence, version) {
  isStopped = true;
  newer = version;
  part("changed-how").textContent = sentence;
  part("changed-press").textContent = part("changed-keep").textContent;
  part("changed-other").hidden = version === 0;
  part("changed-keep").hidden = false;
  part("changed").hidden = false;
  tell("changed", sentence + " What is on this page is not saved. Choose at the top of the page which one to keep.");
}

function note(answer) {
  const { elements } = form;
  elements.version.value = Math.max(Number(elements.version.value), answer.version);
  elements.window.value = answer.window;
  for (const input of document.querySelectorAll("[name=csrfmiddlewaretoken]")) {
    input.value = answer.csrf || input.value;
  }
  if (answer.saved) {
    part("draft-delete").hidden = false;
    tell("saved", "Draft saved at " + answer.saved);
  }
}

// Whether the screen locks or the page is left is session.js's to see to.
function askHowItStands() {
  if (!isSubmitting) {
    document.dispatchEvent(new CustomEvent("app:ask"));
  }
}

async function take(response) {
  retry = FIRST_RETRY;
  if (response.ok) {
    const answer = await response.json();
    if (!form) {
      delete answer.csrf; // unlocking brings a newer one
    }
    once(() => note(answer));
  } else if (response.status === 409) {
    const answer = await response.json();
    if (answer.sent) {
      isLeaving = true;
      location.assign(answer.sent);
    } else if (answer.closed) {
      isDirty = true;
      isStopped = true;
      tell("closed", answer.closed + " What you typed is still on this page, and is not saved.");
    } else {
      isDirty = true;
      once(() => conflict(answer.changed, answer.version));
    }
  } else if (response.status === 423) {
    isDirty = true; // kept by the server too, but what is typed next is not
    later(LONGEST_RETRY);
    tell("locked", LOCKED);
    askHowItStands();
  } else if (response.status === 401) {
    isDirty = true;
    isLocked = true;
    tell("over", OVER);
    askHowItStands();
  } else {
    isDirty = true;
    isStopped = true;
    tell("old", TOO_OLD);
  }
}

// Sends what is typed; says whether the server has read it, whatever it has answered.
async function post() {
  const stop = new AbortController();
  const patience = setTimeout(() => stop.abort(), LONGEST_WAIT);
  isDirty = false;
  const body = String(typed());
  try {
    const response = await fetch(form.dataset.draft, {
      method: "POST",
      headers: { "Content-Type": "application/x-www-form-urlencoded;charset=UTF-8" },
      body,
      keepalive: body.length < SMALL, // goes on when the page is left
      redirect: "error",
      signal: stop.signal,
    });
    if (response.status >= 500) {
      throw new Error(response.status);
    }
    if (response.status === 413) {
      tell("long", TOO_LONG); // and it is not sent again before something is changed
      return false;
    }
    await take(response);
    return true;
  } catch (error) {
    isDirty = true;
    tell("not", NOT_SAVED);
    later(retry);
    retry = Math.min(retry * 2, LONGEST_RETRY);
    return false;
  } finally {
    clearTimeout(patience);
  }
}

async function save() {
  clearTimeout(timer);
  if (!form || !isDirty || isLocked || isStopped || isLeaving) {
    return;
  }
  if (sending) {
    await sending;
    await save();
    return;
  }
  sending = post();
  await sending;
  sending = null;
}

// The page may be gone in a moment: nothing is waited for.
function flush() {
  if (form && isDirty && !isLocked && !isStopped && !isLeaving) {
    clearTimeout(timer);
    post();
  }
}

function noteTyped(event) {
  if (event.target.name === "search" || event.target.name === "banner") {
    return;
  }
  const isChosen = event.target.matches("input[type=radio], input[type=checkbox], select");
  if (isChosen || !isDirty) {
    later(isChosen ? 0 : PAUSE); // not anew with each key: who types without a pause is saved too
  }
  isDirty = true;
}

function keepThis() {
  form.elements.version.value = newer;
  part("changed").hidden = true;
  isStopped = false;
  isDirty = true;
  save();
  form.querySelector("[type=submit]").focus();
}

// The page is left only once the server has read it: what it then refuses, it has kept.
async function submit(event) {
  event.preventDefault();
  if (isLeaving || isSubmitting) {
    return;
  }
  isSubmitting = true;
  const mine = form;
  lastKind = ""; // who presses the button is told, also if nothing has changed
  clearTimeout(timer);
  if (sending) {
    await sending;
  }
  let isReached = false;
  if (mine === form) {
    sending = isStopped ? Promise.resolve(true) : post();
    isReached = await sending;
    sending = null;
  }
  isSubmitting = false;
  if (!isReached || isLeaving || mine !== form) {
    once(() => part("draft-said").scrollIntoView({ block: "nearest" }));
    return;
  }
  isLeaving = true;
  form.elements.turn.value = Number(form.elements.turn.value) + 1;
  send(event.submitter);
}

// As the browser does for the button: with its name, and to where on the page it leads.
function send(button) {
  const { name, value } = button || { name: "", value: "" };
  const pressed = document.createElement("input");
  if (name) {
    Object.assign(pressed, { type: "hidden", name, value });
    form.append(pressed);
  }
  const { action } = form;
  if (button && button.hasAttribute("formaction")) {
    form.action = button.formAction;
  }
  form.submit();
  form.action = action; // the page may be shown again
  pressed.remove();
}

function begin() {
  form = document.querySelector("[data-draft]");
  isLocked = false;
  form.addEventListener("input", noteTyped);
  form.addEventListener("change", save);
  form.addEventListener("submit", submit);
  part("changed-keep").addEventListener("click", keepThis);
  const acts = whenBack;
  whenBack = [];
  acts.forEach((act) => act());
  save();
}

function letGo() {
  flush();
  form = null;
  isLocked = true;
}

if (document.querySelector("[data-draft]")) {
  begin();
  document.addEventListener("app:before-lock", letGo);
  document.addEventListener("app:unlocked", begin);
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) {
      flush();
    }
  });
  window.addEventListener("pagehide", flush);
  window.addEventListener("online", save);
  document.addEventListener("app:before-log-out", (event) => event.detail.push(save()));
  window.addEventListener("pageshow", (event) => {
    isLeaving = isLeaving && !event.persisted;
  });
}
