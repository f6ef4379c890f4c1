// Fills in a new referral from what was copied in the clinical system, as the button does without
// this file. The server reads it and says what is certain; neither keeps it. Only what is empty is
// filled, and the keyboard goes on to what is still missing. Where nothing could be filled in, the
// text stays, so that the user sees why, until something else is pasted.

const UNANSWERED = "PharmRefer could not fill it in. Check your connection, then press “Fill in”.";
const TOO_LONG = "That is too long to be one patient's details. Nothing was filled in: copy less of it.";

let asked = 0;
let read = ""; // what stays in the box: nothing more comes of it

function part(id) {
  return document.getElementById(id);
}

function say(sentence, isRefused) {
  const said = part("banner-said");
  said.textContent = sentence;
  said.classList.toggle("nhsuk-error-message", isRefused);
  said.classList.toggle("nhsuk-body-s", !isRefused);
}

function isEmpty(field) {
  if (field.type === "radio") {
    return !field.form.querySelector("[name=" + field.name + "]:checked");
  }
  return field.type === "checkbox" ? !field.checked : field.value.trim() === "";
}

// Returns the field, or the radio button, that was filled.
function fillOne(form, name, text) {
  const fields = Array.from(form.querySelectorAll("[name=" + name + "]"));
  const field = fields.find((each) => each.type !== "radio" || each.value === text);
  if (!field || !isEmpty(field)) {
    return [];
  }
  if (field.type === "radio") {
    field.checked = true;
  } else {
    field.value = text;
  }
  return [field];
}

// All are filled before anything hears of it, so that a draft is saved once.
function fill(form, answers) {
  const filled = Object.entries(answers).flatMap(([name, text]) => fillOne(form, name, text));
  for (const kind of ["input", "change"]) {
    filled.forEach((field) => field.dispatchEvent(new Event(kind, { bubbles: true })));
  }
}

function isMissing(field, optional) {
  const isAsked = field.type !== "hidden" && field.type !== "submit" && !field.disabled;
  // Of what can be ticked, only consent has to be.
  const isNeeded = field.type === "checkbox" ? field.name === "consent" : !optional.includes(field.name);
  return isAsked && isNeeded && field.offsetParent !== null && isEmpty(field);
}

function goOn(form, paste) {
  const optional = paste.dataset.optional.split(" ").concat("banner");
  const fields = Array.from(form.querySelectorAll("input, select, textarea"));
  const missing = fields.find((field) => isMissing(field, optional));
  if (missing) {
    missing.focus();
  }
}

async function ask(paste) {
  const box = part("banner");
  if (box.value.trim() === "") {
    box.focus();
    return;
  }
  asked += 1;
  const mine = asked;
  const form = box.form;
  try {
    const response = await fetch(paste.dataset.paste, {
      method: "POST",
      body: new URLSearchParams(new FormData(form)),
      redirect: "error",
    });
    if (response.status === 401 || response.status === 423) {
      document.dispatchEvent(new CustomEvent("app:ask")); // session.js sees to it
    }
    const tooLong = response.status === 413 ? { fields: {}, said: TOO_LONG, refused: true } : null;
    const answer = response.ok ? await response.json() : tooLong;
    if (mine !== asked || !box.isConnected) {
      return; // Something else was pasted, or the screen is locked.
    }
    if (answer === null) {
      throw new Error(response.status);
    }
    fill(form, answer.fields);
    say(answer.said, answer.refused);
    if (Object.keys(answer.fields).length) {
      forget();
      goOn(form, paste);
    } else {
      read = box.value;
      box.select(); // what is pasted next takes its place
    }
  } catch (error) {
    if (mine === asked && box.isConnected) {
      say(UNANSWERED, true);
    }
  }
}

export function startPaste() {
  const paste = document.querySelector("[data-paste]");
  if (!paste) {
    return;
  }
  part("banner").addEventListener("input", (event) => {
    if (/^insertFrom/.test(event.inputType)) {
      ask(paste);
    }
  });
  part("banner").addEventListener("keydown", (event) => {
    if (event.key === "Enter") {
      event.preventDefault();
      ask(paste);
    }
  });
  // The server would read it again, and come back with the same page.
  part("banner").form.addEventListener("submit", () => {
    if (part("banner").value === read) {
      forget();
    }
  });
  paste.querySelector("button").addEventListener("click", (event) => {
    event.preventDefault();
    ask(paste);
  });
}

// What was not filled in is not kept with the rest of the page.
function forget() {
  const box = part("banner");
  read = "";
  if (box) {
    box.value = "";
  }
}

document.addEventListener("app:before-lock", forget);
window.addEventListener("pagehide", forget);
