// Pharmacy search: the same answer as the Find button gives, while somebody types, and again once
// the patient's postcode is written. The server renders the radio buttons, and keeps the one that
// was chosen when we asked among them. What a user is on is never changed below their hands: a list
// stays as it is while a mouse button or a key is held down in it, and until the click has come.

const PAUSE = 250;
const CLICK = 100; // comes so soon after the button is let go, also where there is no mouse
const LISTS = ["pharmacies-usual", "pharmacies"];

let asked = 0;
let timer = 0;
let isHeld = false;
let letGo = 0;
let whenFree = null; // what to do then

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

function hold() {
  clearTimeout(letGo);
  isHeld = true;
}

function release() {
  if (!isHeld) {
    return;
  }
  clearTimeout(letGo);
  letGo = setTimeout(() => {
    isHeld = false;
    const act = whenFree;
    whenFree = null;
    if (act) {
      act();
    }
  }, CLICK);
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

// Says whether it was answered; one that a later one has overtaken need not be.
async function find(search) {
  asked += 1;
  const mine = asked;
  const isLast = () => mine === asked && search.isConnected; // the screen may be locked
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
    if (!html || !isLast()) {
      return !isLast();
    }
    const answer = document.createElement("template");
    answer.innerHTML = html;
    const showIt = () => {
      if (isHeld) {
        whenFree = showIt;
      } else if (isLast() && chosenIn(form) !== before) {
        find(search); // Another one was chosen meanwhile: this answer would untick it.
      } else if (isLast() && isFree(answer.content, showIt)) {
        show(answer.content, form, before);
      }
    };
    showIt();
    return true;
  } catch (error) {
    return !isLast();
  }
}

// Where nobody answers, the form is sent as without this file: draft.js says what is wrong.
async function findNow(search, event) {
  event.preventDefault();
  clearTimeout(timer);
  const button = search.querySelector("button");
  if (!(await find(search))) {
    button.form.requestSubmit(button);
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
      findNow(search, event);
    }
  });
  // Browsers leave out radio buttons where another of their group is ticked: it may stand above.
  const button = search.querySelector("button");
  button.addEventListener("click", (event) => findNow(search, event));
  button.addEventListener("keydown", (event) => {
    const first = document.querySelector("#pharmacies [name=pharmacy]");
    if (event.key === "Tab" && !event.shiftKey && first) {
      event.preventDefault();
      (document.querySelector("#pharmacies [name=pharmacy]:checked") || first).focus();
    }
  });
  for (const id of LISTS) {
    const list = document.getElementById(id);
    ["pointerdown", "keydown"].forEach((kind) => list.addEventListener(kind, hold));
  }
  ["pointerup", "pointercancel", "keyup"].forEach((kind) => document.addEventListener(kind, release));
  // The nearest ones are others then.
  search.closest("form").addEventListener("change", (event) => {
    if (event.target.name === "postcode" && search.isConnected) {
      find(search);
    }
  });
}
