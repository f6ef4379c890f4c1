// What a part of the page holds: its elements, what is typed in them, and where the caret stands.

const FIELDS = "input, textarea, select";
// What nhsuk-frontend adds by itself when it starts.
const ADDED =
  ".nhsuk-password-input__sr-status, .nhsuk-character-count__status, .nhsuk-character-count__sr-status";

function typedIn(field) {
  const isSecret = field.matches(".nhsuk-password-input__input");
  const { checked, selectionStart, selectionEnd, scrollTop } = field;
  return { value: isSecret ? "" : field.value, checked, selectionStart, selectionEnd, scrollTop };
}

function typeInto(field, typed) {
  if (field.type === "file") {
    return; // Only a person can choose a file.
  }
  field.value = typed.value;
  if (field.matches("[type=radio], [type=checkbox]")) {
    field.checked = typed.checked;
  } else if (typeof typed.selectionStart === "number") {
    field.setSelectionRange(typed.selectionStart, typed.selectionEnd);
  }
  field.scrollTop = typed.scrollTop || 0;
}

// Returns everything as text.
export function read(part) {
  return JSON.stringify({
    html: part.innerHTML,
    typed: Array.from(part.querySelectorAll(FIELDS), typedIn),
    focused: Array.from(part.querySelectorAll("*")).indexOf(document.activeElement),
  });
}

// Empties it. Whoever still has a piece of it in hand, a script or the console, has nothing.
export function wipe(part) {
  if (part.contains(document.activeElement)) {
    document.activeElement.blur();
  }
  for (const field of part.querySelectorAll(FIELDS)) {
    field.value = "";
  }
  const words = document.createTreeWalker(part, NodeFilter.SHOW_TEXT);
  while (words.nextNode()) {
    words.currentNode.data = "";
  }
  for (const element of part.querySelectorAll("*")) {
    for (const name of element.getAttributeNames()) {
      element.removeAttribute(name);
    }
  }
  part.textContent = "";
}

// Puts everything back, ready to be started anew; returns what had the focus, if anything had.
export function write(part, text) {
  const held = JSON.parse(text);
  part.innerHTML = held.html;
  const focused = part.querySelectorAll("*")[held.focused] || null;
  const fields = part.querySelectorAll(FIELDS);
  held.typed.forEach((typed, index) => typeInto(fields[index], typed));
  for (const added of part.querySelectorAll(ADDED)) {
    added.remove();
  }
  for (const started of part.querySelectorAll("[data-module]")) {
    started.removeAttribute("data-" + started.dataset.module + "-init");
  }
  for (const password of part.querySelectorAll(".nhsuk-password-input__input")) {
    password.type = "password";
  }
  return focused;
}
