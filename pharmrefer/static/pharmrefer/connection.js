// The connection test: measures, and shows what the server says of the figures. Without this file,
// people test by hand.
import { measure } from "./measure.js";

function byId(name) {
  return document.getElementById(name);
}

let isTesting = false;

function showProgress({ done, of }) {
  const progress = byId("connection-progress");
  if (progress) {
    progress.max = of;
    progress.value = done;
  }
}

async function askWhatItMeans(part, figures) {
  const address = part.dataset.result + "?" + new URLSearchParams(figures);
  const answer = await fetch(address, { cache: "no-store", credentials: "omit", redirect: "error" });
  if (!answer.ok) {
    throw new Error("status " + answer.status);
  }
  return answer.text();
}

// While it tests, its words are to be seen; then only a screen reader needs them.
function say(words, isSeen) {
  const status = byId("connection-status");
  status.textContent = words;
  status.classList.toggle("nhsuk-u-visually-hidden", !isSeen);
}

function begin() {
  const { begun } = byId("connection-status").dataset;
  for (const part of ["", "-away", "-by-hand", "-again"]) {
    byId("connection" + part).hidden = true;
  }
  byId("connection-progress").hidden = false;
  say(begun, true);
}

function end(html) {
  if (!byId("connection")) {
    return; // the screen is locked
  }
  const shown = byId(html === null ? "connection-away" : "connection");
  if (html !== null) {
    shown.innerHTML = html;
    document.dispatchEvent(new CustomEvent("app:new-part")); // app.js makes its button work.
  }
  byId("connection-progress").hidden = true;
  shown.hidden = false;
  byId("connection-again").hidden = false;
  say(byId("connection-status").dataset.done + " " + shown.querySelector("p").textContent, false);
}

async function test() {
  if (isTesting) {
    return;
  }
  isTesting = true;
  begin();
  let html = null;
  try {
    html = await askWhatItMeans(byId("connection"), await measure({ onProgress: showProgress }));
  } catch (error) {
    // The network is away.
  }
  isTesting = false;
  end(html);
}

// What the page holds is put back anew after the screen was locked: nothing is held on to here.
document.addEventListener("app:unlocked", test);
document.addEventListener("click", (event) => {
  if (event.target.id === "connection-again") {
    test();
  }
});
test();
