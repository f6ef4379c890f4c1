// The dialogs that say how much time is left. session.js says when, and what becomes of it.
const STEP = 15; // seconds between what a screen reader is told

let open = null;

function spoken(times, seconds) {
  return times[Math.ceil(seconds / STEP) * STEP] || "";
}

export function isOpen() {
  return open !== null;
}

export function close() {
  if (open) {
    const dialog = open;
    open = null;
    dialog.close();
  }
}

// Shows a dialog, or how much time is left now in the one that is shown.
export function show(id, seconds, times, stay) {
  const dialog = document.getElementById(id);
  if (open !== dialog) {
    close();
    open = dialog;
    dialog.showModal();
    dialog.querySelector("[data-stay]").focus();
    dialog.onclose = () => {
      // By Escape: the button closes it too. Ours have let go of it before.
      if (open === dialog) {
        open = null;
        stay(id);
      }
    };
    dialog.querySelector("[data-stay]").onclick = () => dialog.close();
  }
  const left = Math.floor(seconds / 60) + ":" + String(seconds % 60).padStart(2, "0");
  dialog.querySelector("[data-left]").textContent = left;
  const words = dialog.querySelector("[data-spoken]");
  const now = spoken(times, seconds);
  if (words.textContent !== now) {
    words.textContent = now;
  }
}
