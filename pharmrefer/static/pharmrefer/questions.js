// Shows the questions and boxes that the answers so far bring up. Without this file they are there
// from the beginning, or after one press.

// A field that is hidden itself, with what belongs to another answer, says nothing.
function answerTo(name) {
  const chosen = document.querySelector("[name=" + name + "]:checked, select[name=" + name + "]");
  return chosen && !chosen.closest("[data-shown-for][hidden]") ? chosen.value : "";
}

// A part belongs to one answer, or to any of several, in the way of an address: name=value&name=value.
function shownFor(part) {
  return Array.from(new URLSearchParams(part.dataset.shownFor)).some(([name, value]) => answerTo(name) === value);
}

const MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

// Whole years by the date in the boxes, or null: another form of it is left to the server.
function age() {
  const boxes = ["day", "month", "year"].map((part) => document.querySelector("[name=birth_" + part + "]").value);
  const numbers = boxes.join(" ").replace(/[a-z]{3,}/gi, (word) => MONTHS.indexOf(word.slice(0, 3).toLowerCase()) + 1 || word);
  const [day, month, year] = (numbers.match(/\d+/g) || []).map(Number);
  const now = new Date();
  const years = now.getFullYear() - year - (now.getMonth() + 1 < month || (now.getMonth() + 1 === month && now.getDate() < day) ? 1 : 0);
  return year > 999 && years >= 0 ? years : null;
}

// Some questions are for some patients only; where age or sex is not known yet, they are asked.
function isAsked(part, years) {
  const [sex, from, below] = part.dataset.asked.split("|");
  const chosen = (document.querySelector("[name=sex]:checked") || { value: "" }).value;
  const isSex = !sex || sex === chosen || !["female", "male"].includes(chosen);
  return isSex && (years === null || (Number(from) <= years && years < Number(below)));
}

// A group sends what it shows with its answer, which answers nothing else: where a question comes up
// later, the group is answered again. What is ticked stays.
function noteShown(group) {
  const shown = group.querySelector("[name^=shown_]");
  const before = shown.value.split(" ");
  const visible = Array.from(group.querySelectorAll("[type=checkbox]")).filter((box) => !box.parentElement.hidden);
  const now = visible.map((box) => box.name.replace("q_", ""));
  const answer = group.querySelector("[type=radio]:checked");
  const isOld = answer && now.some((code) => !before.includes(code));
  shown.value = now.join(" ");
  if (answer) {
    answer.checked = !isOld;
    group.querySelector("[role=status]").textContent = isOld ? "Answer again: there is a new question." : "";
  }
}

// What stops the referral may come up where nobody looks: it is said aloud too. Returns what is new.
function sayWhatStops() {
  const aloud = document.getElementById("stop-aloud");
  const seen = Array.from(document.querySelectorAll(".app-ask__stop")).filter((each) => each.offsetParent !== null);
  const sentences = seen.map((each) => each.querySelector("p").textContent);
  const before = aloud ? aloud.textContent : "";
  const said = Array.from(new Set(sentences)).join(" ");
  if (before !== said) {
    aloud.textContent = said;
  }
  return seen.filter((each, n) => !before.includes(sentences[n]));
}

export function showWhatFits() {
  for (const part of document.querySelectorAll("[data-shown-for]")) {
    part.hidden = !shownFor(part);
  }
  const tooYoung = document.querySelector("[data-below]");
  if (tooYoung) {
    const years = age();
    tooYoung.hidden = years === null || years >= Number(tooYoung.dataset.below);
    for (const part of document.querySelectorAll("[data-asked]")) {
      part.hidden = !isAsked(part, years);
    }
  }
  document.querySelectorAll(".app-ask").forEach(noteShown);
  return sayWhatStops();
}

// "None of these" takes back what was ticked before.
function untick(event) {
  const group = event.target.closest(".app-ask");
  if (group && event.target.type === "radio" && event.target.value === "none") {
    for (const box of group.querySelectorAll("[type=checkbox]:checked")) {
      box.checked = false;
    }
  }
}

function follow(event) {
  untick(event);
  showWhatFits().forEach((each) => each.scrollIntoView({ block: "nearest" }));
}

export function startQuestions() {
  showWhatFits();
  for (const form of new Set(Array.from(document.querySelectorAll("[data-shown-for]"), (part) => part.closest("form")))) {
    form.addEventListener("change", follow, true); // before the draft is saved
  }
}
