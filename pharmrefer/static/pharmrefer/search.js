// Pharmacy search: the same answer as the Find button gives, while somebody types. The server
// renders the radio buttons, and keeps the one that was chosen when we asked among them.

const PAUSE = 250;

let asked = 0;
let timer = 0;

function chosenIn(form) {
  return (form.querySelector("[name=pharmacy]:checked") || { value: "" }).value;
}

// Says how many there are, once, where a screen reader has been listening all along.
function say(found) {
  const said = document.getElementById("search-said");
  const words = found ? found.textContent.trim() : "";
  if (said.textContent.trim() !== words) {
    said.textContent = words;
  }
}

// Shows what was found. Whoever is on one of the radio buttons stays on it, or on the first one.
function show(list, html) {
  const answer = document.createElement("template");
  answer.innerHTML = html;
  const found = answer.content.querySelector("[data-found]");
  if (found) {
    found.remove();
  }
  const focused = list.contains(document.activeElement) ? document.activeElement.value : null;
  list.textContent = "";
  list.appendChild(answer.content);
  say(found);
  if (focused !== null) {
    const radios = Array.from(list.querySelectorAll("[name=pharmacy]"));
    const same = radios.find((radio) => radio.value === focused);
    (same || radios[0] || document.getElementById("search")).focus();
  }
}

async function find(search) {
  asked += 1;
  const mine = asked;
  const list = document.getElementById("pharmacies");
  const form = search.closest("form");
  const before = chosenIn(form);
  const body = new FormData();
  body.append("csrfmiddlewaretoken", form.querySelector("[name=csrfmiddlewaretoken]").value);
  body.append("search", search.querySelector("input").value);
  body.append("pharmacy", before);
  try {
    const answer = await fetch(search.dataset.search, { method: "POST", body, redirect: "error" });
    const html = answer.ok ? await answer.text() : "";
    if (!html || mine !== asked || !list.isConnected) {
      return; // A later one is under way, or the screen is locked.
    }
    if (chosenIn(form) === before) {
      show(list, html);
    } else {
      find(search); // Another one was chosen meanwhile: this answer would untick it.
    }
  } catch (error) {
    // The Find button still works, and says what is wrong.
  }
}

export function startSearch() {
  const search = document.querySelector("[data-search]");
  if (!search) {
    return;
  }
  const box = search.querySelector("input");
  box.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(() => search.isConnected && find(search), PAUSE);
  });
  box.addEventListener("keydown", (event) => {
    if (event.key === "Enter") {
      event.preventDefault();
      clearTimeout(timer);
      find(search);
    }
  });
}
