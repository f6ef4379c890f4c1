// Tells the server that a page about a patient is being printed, and makes its Print button work.
// Nothing can hold a print up until the server has answered: where it cannot be reached it is told
// again, for as long as the page is open.

const FIRST_RETRY = 2000;
const LONGEST_RETRY = 60000;
const LAST = [204, 400, 404, 405]; // there is nothing more to say

let isTelling = false;

async function isTold(address) {
  const body = new FormData();
  // As it stands there now: somebody may have logged in since (lock.js puts a new one there).
  const token = document.querySelector("[name=csrfmiddlewaretoken]");
  body.append("csrfmiddlewaretoken", token ? token.value : "");
  try {
    const answer = await fetch(address, {
      method: "POST",
      body,
      keepalive: true, // goes on when the page is left
      redirect: "error",
    });
    if ([401, 403, 423].includes(answer.status)) {
      document.dispatchEvent(new CustomEvent("app:ask")); // session.js sees to what is shown.
    }
    return LAST.includes(answer.status);
  } catch (error) {
    return false; // The network is away.
  }
}

async function tell() {
  const page = document.querySelector("[data-printed]");
  if (isTelling || !page) {
    return; // It is told already, or the screen is locked: then there is nothing to be printed.
  }
  const address = page.dataset.printed;
  isTelling = true;
  let wait = FIRST_RETRY;
  while (!(await isTold(address))) {
    await new Promise((done) => setTimeout(done, wait));
    wait = Math.min(wait * 2, LONGEST_RETRY);
  }
  isTelling = false;
}

function start() {
  const button = document.querySelector("[data-print]");
  if (button) {
    button.hidden = false;
    button.addEventListener("click", () => window.print());
  }
}

start();
window.addEventListener("beforeprint", tell);
document.addEventListener("app:unlocked", start);
