// Measures, on the page that gives a support code, what the service desk asks first. The form waits
// for it, but not for long. Without this file, the code says that scripts do not run.
import { measure } from "./measure.js";

const PATIENCE = 6000; // ms
const form = document.getElementById("support-code");
let isReady = false;

function add(name, value) {
  const input = document.createElement("input");
  input.type = "hidden";
  input.name = name;
  input.value = value;
  form.append(input);
}

function wait(ms) {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}

async function addFigures() {
  const figures = await measure({ quick: true });
  for (const name of Object.keys(figures)) {
    add(name, figures[name]);
  }
}

if (form) {
  add("has_scripts", "yes");
  const measuring = addFigures()
    .catch(() => {}) // then nothing was measured
    .then(() => {
      isReady = true;
    });
  let isSent = false;
  form.addEventListener("submit", async (event) => {
    if (isReady) {
      return;
    }
    event.preventDefault();
    if (isSent) {
      return; // pressed once more while it waits
    }
    isSent = true;
    const status = document.getElementById("support-code-status");
    status.textContent = status.dataset.measuring;
    await Promise.race([measuring, wait(PATIENCE)]);
    isReady = true;
    form.submit();
  });
}
