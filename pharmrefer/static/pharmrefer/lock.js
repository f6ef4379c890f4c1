// What a locked screen shows. What the page held leaves the document and the page's memory: it is
// kept sealed, and the server gives the key again with the password. session.js says when.
import { PasswordInput, createAll, setFocus } from "../nhsuk/nhsuk.js";
import { read, wipe, write } from "./held.js";
import { prepare, seal, unseal } from "./sealed.js";

const main = document.getElementById("maincontent");
const account = document.querySelector(".nhsuk-header__account");
const session = document.getElementById("session");
let sealing = prepare(session.dataset.key);
let kept = null;
let locks = 0; // how often it was locked: what was on its way back when it was locked again stays away
let token = "";
session.removeAttribute("data-key");

function announce(what) {
  document.dispatchEvent(new CustomEvent("app:" + what));
}

export function isAway() {
  return kept !== null;
}

// Takes everything out of the page. Who listens to app:before-lock may still read it.
export function putAway() {
  locks += 1;
  if (kept) {
    return;
  }
  announce("before-lock");
  const held = { title: document.title, top: window.scrollY, content: read(main) };
  wipe(main);
  kept = { sealed: seal(JSON.stringify(held), sealing) };
  kept.sealed.catch(() => {}); // whoever opens it is told
  sealing = null;
  account.hidden = true; // Its links would lead away from what is kept.
  document.title = "PharmRefer";
  announce("locked");
}

// Forgets what was taken out: it never comes back.
export function forget() {
  if (kept) {
    kept = { sealed: Promise.reject(new Error("forgotten")) };
    kept.sealed.catch(() => {});
  }
}

function show(held) {
  const focused = write(main, held.content);
  account.hidden = false;
  document.title = held.title;
  renew(token);
  announce("unlocked");
  if (focused) {
    focused.focus({ preventScroll: true });
  } else {
    setFocus(main); // It was nowhere: the keyboard goes on at the top of what is back.
  }
  window.scrollTo(0, held.top);
}

// Brings everything back, with the key that the server has given.
export async function bringBack(key) {
  if (!kept) {
    return;
  }
  const lockedAs = locks;
  let text = "";
  try {
    text = await unseal(kept.sealed, key);
  } catch (error) {
    text = ""; // It cannot be opened: the server has the page, and the draft.
  }
  if (locks !== lockedAs || !kept) {
    return;
  }
  if (text === "") {
    location.reload();
    return;
  }
  kept = null;
  sealing = prepare(key);
  show(JSON.parse(text));
}

// The forms of the page, also while they are not in it, take a token that is valid now.
export function renew(latest) {
  token = latest || token;
  for (const field of token ? document.querySelectorAll("[name=csrfmiddlewaretoken]") : []) {
    field.value = token;
  }
}

function showForm(panel, send) {
  main.textContent = "";
  main.appendChild(panel);
  document.title = panel.dataset.title;
  createAll(PasswordInput, {}, panel);
  const form = panel.querySelector("form");
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    send(form);
  });
  form.querySelector("[name=password]").focus();
}

// Shows the form that unlocks, in place of what was put away; send is called with it.
export function askForPassword(send) {
  if (!main.querySelector("[data-title]")) {
    showForm(document.getElementById("lock").content.firstElementChild.cloneNode(true), send);
  }
}

// Shows the form again as the server has answered it.
export function askAgain(html, send) {
  const answer = document.createElement("template");
  answer.innerHTML = html;
  showForm(answer.content.querySelector("[data-title]"), send);
}

export function sayUnreachable(form) {
  const label = form.querySelector("label[for$=password]");
  for (const old of form.querySelectorAll(".nhsuk-error-message")) {
    old.remove();
  }
  const words = document.getElementById("unreachable").content.firstElementChild.cloneNode(true);
  words.setAttribute("role", "alert");
  label.parentNode.insertBefore(words, label.nextSibling);
}
