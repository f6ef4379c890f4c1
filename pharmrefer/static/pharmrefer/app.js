// Starts nhsuk-frontend's components and our own. Every page works without this file.
import { createAll, initAll } from "../nhsuk/nhsuk.js";
import { Counter } from "./counter.js";
import "./draft.js";
import "./log_out.js";
import { startPaste } from "./paste.js";
import "./printed.js";
import { startProgress } from "./progress.js";
import { startSearch } from "./search.js";

document.body.classList.add("js-enabled", "nhsuk-frontend-supported");

// Nobody is logged in here, or the screen is locked: the other tabs go and see (session.js).
if (!document.getElementById("session") && window.BroadcastChannel) {
  const channel = new BroadcastChannel("session");
  channel.postMessage({});
  channel.close();
}

function select(element) {
  const range = document.createRange();
  range.selectNodeContents(element);
  const selection = window.getSelection();
  selection.removeAllRanges();
  selection.addRange(range);
}

// Copy buttons: the text of the element that data-copy names, exactly.
const copying = new WeakSet();

function startCopying() {
  for (const button of document.querySelectorAll("[data-copy]")) {
    if (copying.has(button)) {
      continue;
    }
    copying.add(button);
    const source = document.getElementById(button.dataset.copy);
    const aloud = document.getElementById("copied");
    const label = button.firstChild;
    button.hidden = false;
    button.addEventListener("click", async () => {
      let said = "Copied";
      try {
        await navigator.clipboard.writeText(source.textContent);
      } catch (error) {
        select(source);
        said = "Press Ctrl and C";
      }
      label.textContent = said;
      aloud.textContent = said;
      setTimeout(() => {
        label.textContent = "Copy";
        aloud.textContent = "";
      }, 4000);
    });
  }
}

// A part belongs to one answer (data-value), or to each of several (data-values).
function shownFor(part) {
  const { shownFor: name, value, values } = part.dataset;
  const chosen = document.querySelector("[name=" + name + "]:checked, select[name=" + name + "]");
  const answer = chosen ? chosen.value : "";
  return value === undefined ? values.split(" ").includes(answer) : value === answer;
}

// Whole years by the date in the boxes, or null: another form of it is left to the server.
function age() {
  const boxes = ["day", "month", "year"].map((part) => document.querySelector("[name=birth_" + part + "]").value);
  const [day, month, year] = (boxes.join(" ").match(/\d+/g) || []).map(Number);
  const now = new Date();
  const years = now.getFullYear() - year - (now.getMonth() + 1 < month || (now.getMonth() + 1 === month && now.getDate() < day) ? 1 : 0);
  return year > 999 && years >= 0 ? years : null;
}

// Some questions are for some patients only; where age or sex is not known yet, they are asked.
function isAsked(part, years) {
  const [sex, from, below] = part.dataset.asked.split("|");
  const chosen = (document.querySelector("[name=sex]:checked") || { value: "" }).value;
  const isSex = !sex || sex === chosen || !["female", "male"].includes(chosen);
  return isSex && (years === null || (Number(from) <= years && years < Number(below)));
}

function showWhatFits() {
  for (const part of document.querySelectorAll("[data-shown-for]")) {
    part.hidden = !shownFor(part);
  }
  const asked = document.querySelectorAll("[data-asked]");
  const years = asked.length ? age() : null;
  for (const part of asked) {
    part.hidden = !isAsked(part, years);
  }
}

// "None of these" takes back what was ticked before.
function untick(event) {
  const group = event.target.closest(".app-ask");
  if (group && event.target.type === "radio" && event.target.value === "none") {
    for (const box of group.querySelectorAll("[type=checkbox]:checked")) {
      box.checked = false;
    }
  }
}

// Questions that only some answers bring up. Without this file they are there from the beginning,
// or after one press.
function startQuestions() {
  showWhatFits();
  for (const form of new Set(Array.from(document.querySelectorAll("[data-shown-for]"), (part) => part.closest("form")))) {
    form.addEventListener("change", untick);
    form.addEventListener("change", showWhatFits);
  }
}

function start() {
  createAll(Counter);
  startCopying();
  startPaste();
  startQuestions();
  startSearch();
  startProgress();
}

initAll();
start();
window.addEventListener("pageshow", showWhatFits);
document.addEventListener("app:new-part", startCopying);
document.addEventListener("app:unlocked", () => {
  const scope = document.getElementById("maincontent"); // What is in it is new.
  initAll({ scope, errorSummary: { disableAutoFocus: true } });
  start();
});
