// Starts nhsuk-frontend's components and our own. Every page works without this file.
import { initAll } from "../nhsuk/nhsuk.js";

document.body.classList.add("js-enabled", "nhsuk-frontend-supported");
initAll();

// Copy buttons: the text of the element that data-copy names, exactly.
function select(element) {
  const range = document.createRange();
  range.selectNodeContents(element);
  const selection = window.getSelection();
  selection.removeAllRanges();
  selection.addRange(range);
}

for (const button of document.querySelectorAll("[data-copy]")) {
  const source = document.getElementById(button.dataset.copy);
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
    document.getElementById("copied").textContent = said;
    setTimeout(() => {
      label.textContent = "Copy";
      document.getElementById("copied").textContent = "";
    }, 4000);
  });
}
