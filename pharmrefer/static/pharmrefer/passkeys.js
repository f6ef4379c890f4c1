// Passkeys: asks the browser for one, and sends what it answers. Without this file, and in browsers
// that know no passkeys, people enter codes.

function toBytes(text) {
  const letters = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
  return Uint8Array.from(letters, (letter) => letter.charCodeAt(0));
}

function toText(buffer) {
  let letters = "";
  for (const byte of new Uint8Array(buffer)) {
    letters += String.fromCharCode(byte);
  }
  return btoa(letters).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
}

function described(list) {
  return (list || []).map((each) => Object.assign({}, each, { id: toBytes(each.id) }));
}

function answered(credential, parts) {
  const response = {};
  for (const part of parts) {
    response[part] = toText(credential.response[part]);
  }
  return { id: credential.id, rawId: toText(credential.rawId), type: credential.type, response };
}

async function use(asked) {
  const publicKey = Object.assign({}, asked, {
    challenge: toBytes(asked.challenge),
    allowCredentials: described(asked.allowCredentials),
  });
  const credential = await navigator.credentials.get({ publicKey });
  return answered(credential, ["clientDataJSON", "authenticatorData", "signature"]);
}

async function make(asked) {
  const publicKey = Object.assign({}, asked, {
    challenge: toBytes(asked.challenge),
    user: Object.assign({}, asked.user, { id: toBytes(asked.user.id) }),
    excludeCredentials: described(asked.excludeCredentials),
  });
  const credential = await navigator.credentials.create({ publicKey });
  const answer = answered(credential, ["clientDataJSON", "attestationObject"]);
  if (credential.response.getTransports) {
    answer.response.transports = credential.response.getTransports();
  }
  return answer;
}

// What to ask the browser for, or nothing where something else has to be done first.
async function challenge(address, form) {
  const body = new FormData();
  body.append("csrfmiddlewaretoken", form.elements.namedItem("csrfmiddlewaretoken").value);
  const answer = await fetch(address, { method: "POST", body, redirect: "manual" });
  if (answer.ok) {
    return answer.json();
  }
  if (answer.status >= 500) {
    throw new TypeError();
  }
  return null;
}

function words(error, isNew) {
  if (error.name === "NotAllowedError") {
    return isNew
      ? "No passkey was created. Try again."
      : "No passkey was used. Try again, or enter a code.";
  }
  if (error.name === "InvalidStateError") {
    return "That device already has a passkey for PharmRefer.";
  }
  if (error.name === "SecurityError") {
    return "Passkeys work only at the usual address of PharmRefer.";
  }
  if (error.name === "TypeError") {
    return "PharmRefer could not be reached. Try again.";
  }
  return "That did not work with this device or browser. Try again, or use another.";
}

// A part of a page, with a button that asks for a passkey: a form, or the end of one that has
// other answers and buttons too.
function start(part) {
  const isNew = part.dataset.passkey === "make";
  const form = part.closest("form");
  const { elements } = form;
  const first = elements.namedItem("name") || elements.namedItem("password");
  const said = part.querySelector("[data-said]");
  const button = part.querySelector("[type=submit]");
  let isBusy = false;
  part.hidden = false;
  button.addEventListener("click", async (event) => {
    if (first && !first.value.trim()) {
      return; // The server says that it is missing.
    }
    event.preventDefault();
    if (isBusy) {
      return;
    }
    isBusy = true;
    said.textContent = "";
    try {
      const asked = await challenge(part.dataset.challenge, form);
      if (asked) {
        const answer = isNew ? await make(asked) : await use(asked);
        elements.namedItem("answer").value = JSON.stringify(answer);
      }
      if (button.hasAttribute("formaction")) {
        form.action = button.formAction;
      }
      form.submit(); // Without an answer it leads to what has to be done first.
    } catch (error) {
      said.textContent = words(error, isNew);
    }
    isBusy = false;
  });
}

function startAll() {
  for (const without of document.querySelectorAll("[data-without-passkeys]")) {
    without.hidden = true;
  }
  for (const part of document.querySelectorAll("[data-passkey]")) {
    start(part);
  }
}

if (window.PublicKeyCredential && navigator.credentials) {
  startAll();
  document.addEventListener("app:unlocked", startAll);
}
