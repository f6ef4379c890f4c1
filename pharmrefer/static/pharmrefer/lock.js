// What a locked screen shows. What the page held leaves the document and is kept in memory only,
// as it is, so that the password brings back what was typed. session.js says when.
import { PasswordInput, createAll, setFocus } from "../nhsuk/nhsuk.js";

const main = document.getElementById("maincontent");
const account = document.querySelector(".nhsuk-header__account");
let kept = null;

function announce(what) {
  document.dispatchEvent(new CustomEvent("app:" + what));
}

function move(from, to) {
  while (from.firstChild) {
    to.appendChild(from.firstChild);
  }
}

export function isAway() {
  return kept !== null;
}

// Takes everything out of the page. Who listens to app:before-lock may still read it.
export function putAway() {
  if (kept) {
    return;
  }
  announce("before-lock");
  kept = {
    content: document.createElement("div"),
    focused: document.activeElement,
    title: document.title,
    top: window.scrollY,
  };
  move(main, kept.content);
  account.hidden = true; // Its links would lead away from what is kept.
  document.title = "PharmRefer";
  announce("locked");
}

// Forgets what was taken out: it never comes back.
export function forget() {
  if (kept) {
    kept.content = document.createElement("div");
  }
}

export function bringBack() {
  if (!kept) {
    return;
  }
  const { content, focused, title, top } = kept;
  kept = null;
  main.textContent = "";
  move(content, main);
  account.hidden = false;
  document.title = title;
  if (main.contains(focused)) {
    focused.focus({ preventScroll: true });
  } else {
    setFocus(main); // It was nowhere: the keyboard goes on at the top of what is back.
  }
  window.scrollTo(0, top);
  announce("unlocked");
}

// The forms of the page, also while they are not in it, take a token that is valid now.
export function renew(token) {
  for (const part of kept ? [document, kept.content] : [document]) {
    for (const field of part.querySelectorAll("[name=csrfmiddlewaretoken]")) {
      field.value = token;
    }
  }
}

function show(panel, send) {
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
    const panel = document.getElementById("lock").content.firstElementChild.cloneNode(true);
    show(panel, send);
  }
}

// Shows the form again as the server has answered it.
export function askAgain(html, send) {
  const answer = document.createElement("template");
  answer.innerHTML = html;
  show(answer.content.querySelector("[data-title]"), send);
}

export function sayUnreachable(form) {
  const label = form.querySelector("label");
  for (const old of form.querySelectorAll(".nhsuk-error-message")) {
    old.remove();
  }
  const words = document.getElementById("unreachable").content.firstElementChild.cloneNode(true);
  words.setAttribute("role", "alert");
  label.parentNode.insertBefore(words, label.nextSibling);
}
