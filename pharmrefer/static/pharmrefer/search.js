// Pharmacy search: the same answer as the Find button gives, while somebody types, and again once
// the patient's postcode is written. The server renders the radio buttons, and keeps the one that
// was chosen when we asked among them. What a user is on is never changed below their hands.

const PAUSE = 250;
const LISTS = ["pharmacies-usual", "pharmacies"];

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

function radioIn(part, value) {
  return Array.from(part.querySelectorAll("[name=pharmacy]")).find((each) => each.value === value);
}

// The list in which a user is on something that the answer does not have.
function inUse(answer) {
  const here = document.activeElement;
  return LISTS.map((id) => document.getElementById(id)).find(
    (list) => list.contains(here) && !radioIn(partFor(list, answer), here.value)
  );
}

function partFor(list, answer) {
  return answer.querySelector("[data-list=" + list.id + "]");
}

function put(list, part) {
  if (list.innerHTML.trim() === part.innerHTML.trim()) {
    return;
  }
  const focused = list.contains(document.activeElement) ? document.activeElement.value : null;
  list.replaceChildren(...part.childNodes);
  if (focused !== null) {
    radioIn(list, focused).focus();
  }
}

function show(answer, form, before) {
  say(answer.querySelector("[data-found]"));
  for (const id of LISTS) {
    const list = document.getElementById(id);
    put(list, partFor(list, answer));
  }
  const chosen = radioIn(form, before);
  if (chosen && chosenIn(form) !== before) {
    chosen.checked = true;
  }
}

// False while the user is on something that the answer does not have: then it is asked again later.
function isFree(answer, again) {
  const list = inUse(answer);
  if (list) {
    list.addEventListener("focusout", () => setTimeout(again), { once: true });
  }
  return !list;
}

async function find(search) {
  asked += 1;
  const mine = asked;
  const form = search.closest("form");
  const before = chosenIn(form);
  const body = new FormData();
  body.append("csrfmiddlewaretoken", form.querySelector("[name=csrfmiddlewaretoken]").value);
  body.append("search", search.querySelector("input").value);
  body.append("pharmacy", before);
  body.append("postcode", (form.querySelector("[name=postcode]") || { value: "" }).value);
  try {
    const response = await fetch(search.dataset.search, { method: "POST", body, redirect: "error" });
    const html = response.ok ? await response.text() : "";
    const isLast = () => html && mine === asked && search.isConnected;
    if (!isLast()) {
      return; // A later one is under way, or the screen is locked.
    }
    const answer = document.createElement("template");
    answer.innerHTML = html;
    const showIt = () => {
      if (isLast() && chosenIn(form) !== before) {
        find(search); // Another one was chosen meanwhile: this answer would untick it.
      } else if (isLast() && isFree(answer.content, showIt)) {
        show(answer.content, form, before);
      }
    };
    showIt();
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
  // Browsers leave out radio buttons where another of their group is ticked: it may stand above.
  search.querySelector("button").addEventListener("keydown", (event) => {
    const first = document.querySelector("#pharmacies [name=pharmacy]");
    if (event.key === "Tab" && !event.shiftKey && first) {
      event.preventDefault();
      (document.querySelector("#pharmacies [name=pharmacy]:checked") || first).focus();
    }
  });
  // The nearest ones are others then.
  search.closest("form").addEventListener("change", (event) => {
    if (event.target.name === "postcode" && search.isConnected) {
      find(search);
    }
  });
}
