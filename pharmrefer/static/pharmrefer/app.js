// Starts nhsuk-frontend's components and our own. Every page works without this file.
import { createAll, initAll } from "../nhsuk/nhsuk.js";
import { Counter } from "./counter.js";
import "./draft.js";
import "./log_out.js";
import { startPaste } from "./paste.js";
import "./printed.js";
import { startProgress } from "./progress.js";
import { showWhatFits, startQuestions } from "./questions.js";
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
