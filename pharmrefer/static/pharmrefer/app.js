// Starts nhsuk-frontend's components and our own. Every page works without this file.
import { initAll } from "../nhsuk/nhsuk.js";
import "./draft.js";
import "./log_out.js";
import "./printed.js";

document.body.classList.add("js-enabled", "nhsuk-frontend-supported");
initAll();

// Nobody is logged in here, or the screen is locked: the other tabs go and see (session.js).
if (!document.getElementById("session") && window.BroadcastChannel) {
  const channel = new BroadcastChannel("session");
  channel.postMessage({});
  channel.close();
}

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

// Questions that only some answers bring up. Without this file they are always there.
for (const part of document.querySelectorAll("[data-shown-for]")) {
  const name = part.dataset.shownFor;
  const values = part.dataset.values.split(" ");
  const show = () => {
    const chosen = document.querySelector("[name=" + name + "]:checked");
    part.hidden = !(chosen && values.includes(chosen.value));
  };
  show();
  window.addEventListener("pageshow", show);
  document.addEventListener("app:unlocked", show);
  for (const radio of document.querySelectorAll("[name=" + name + "]")) {
    radio.addEventListener("change", show);
  }
}

// Pharmacy search: the same answer as the Find button gives, while somebody types. The server
// renders the radio buttons, and keeps the one that was chosen when we asked among them.
const search = document.querySelector("[data-search]");
if (search) {
  const list = document.getElementById("pharmacies");
  const form = search.closest("form");
  const box = search.querySelector("input");
  let asked = 0;
  let timer = 0;
  const find = async () => {
    asked += 1;
    const mine = asked;
    const body = new FormData();
    const chosen = () => (form.querySelector("[name=pharmacy]:checked") || { value: "" }).value;
    const before = chosen();
    body.append("csrfmiddlewaretoken", form.querySelector("[name=csrfmiddlewaretoken]").value);
    body.append("search", box.value);
    body.append("pharmacy", before);
    try {
      const answer = await fetch(search.dataset.search, { method: "POST", body, redirect: "error" });
      const html = answer.ok ? await answer.text() : "";
      if (html && mine === asked) {
        if (chosen() === before) {
          list.innerHTML = html;
        } else {
          find(); // Another one was chosen meanwhile: this answer would untick it.
        }
      }
    } catch (error) {
      // The Find button still works, and says what is wrong.
    }
  };
  box.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(find, 250);
  });
  box.addEventListener("keydown", (event) => {
    if (event.key === "Enter") {
      event.preventDefault();
      clearTimeout(timer);
      find();
    }
  });
}

// Progress of a referral: asks now and then until it is final, and not while nobody looks.
const progress = document.querySelector("[data-poll]");
if (progress) {
  const SOON = 1000;
  const LATEST = 10000;
  let wait = SOON;
  const stale = document.getElementById("stale");
  const ask = async () => {
    const fresh = document.createElement("template");
    if (!document.hidden && progress.isConnected) {
      try {
        const answer = await fetch(progress.dataset.poll, { redirect: "error" });
        if (answer.status === 401 || answer.status === 423) {
          document.dispatchEvent(new CustomEvent("app:ask")); // session.js sees to what is shown.
        }
        const html = answer.ok ? await answer.text() : "";
        fresh.innerHTML = progress.isConnected ? html : ""; // Not while the screen is locked.
      } catch (error) {
        // The network is away.
      }
      stale.hidden = fresh.content.childElementCount > 0;
    }
    for (const part of fresh.content.querySelectorAll("[data-part]")) {
      const old = document.querySelector('[data-part="' + part.dataset.part + '"]');
      // Only what is new is put there, for a screen reader says it aloud.
      if (old && part.textContent.trim() !== old.textContent.trim()) {
        old.innerHTML = part.innerHTML;
        wait = SOON;
      }
    }
    if (fresh.content.querySelector("[data-part=final]")) {
      progress.remove();
      return;
    }
    wait = Math.min(wait * 1.3, LATEST);
    setTimeout(ask, wait);
  };
  setTimeout(ask, SOON);
  document.addEventListener("visibilitychange", () => {
    wait = SOON;
  });
}
