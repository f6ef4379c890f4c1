// Progress of a referral: asks now and then until it is final, and not while nobody looks.

const SOON = 1000;
const LATEST = 10000;
let wait = SOON;

async function fetchParts(progress) {
  const fresh = document.createElement("template");
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
  return fresh.content;
}

// Says that it is out of date, or nothing, where a screen reader has been listening all along.
function sayStale(isStale) {
  const stale = document.getElementById("stale");
  const words = isStale ? stale.dataset.words : "";
  if (stale.textContent !== words) {
    stale.textContent = words;
  }
}

function show(fresh) {
  for (const part of fresh.querySelectorAll("[data-part]")) {
    const old = document.querySelector('[data-part="' + part.dataset.part + '"]');
    // Only what is new is put there, for a screen reader says it aloud.
    if (old && part.textContent.trim() !== old.textContent.trim()) {
      old.innerHTML = part.innerHTML;
      wait = SOON;
      document.dispatchEvent(new CustomEvent("app:new-part")); // app.js makes its buttons work.
    }
  }
}

async function ask(progress) {
  if (!document.hidden && progress.isConnected) {
    const fresh = await fetchParts(progress);
    if (progress.isConnected) {
      sayStale(fresh.childElementCount === 0);
      show(fresh);
    }
    if (fresh.querySelector("[data-part=final]")) {
      progress.remove();
    }
  }
  if (progress.isConnected) {
    wait = Math.min(wait * 1.3, LATEST);
    setTimeout(() => ask(progress), wait);
  }
}

export function startProgress() {
  const progress = document.querySelector("[data-poll]");
  if (progress) {
    wait = SOON;
    setTimeout(() => ask(progress), SOON);
  }
}

document.addEventListener("visibilitychange", () => {
  wait = SOON;
});
