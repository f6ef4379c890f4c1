// Follows how the session of whoever is logged in stands: activity, the warning, the lock, and
// what other tabs do. The server decides; this file counts down to when it has to be asked.
import { askAgain, askForPassword, bringBack, forget, isAway, putAway, renew, sayUnreachable } from "./lock.js";
import { close as closeWarning, isOpen as isWarning, show as showWarning } from "./warning.js";

const channel = new BroadcastChannel("session");
const part = document.getElementById("session");
const MINUTE = 60000;
const { ask: askAt, stay: stayAt, unlock: unlockAt, home, holder, page } = part.dataset;
const times = JSON.parse(part.dataset.times);
const warnFor = 1000 * Math.max.apply(null, Object.keys(times));
const lockAfter = 1000 * Number(part.dataset.lockAfter);
let name = part.dataset.session;
let token = document.querySelector("[name=csrfmiddlewaretoken]").value;
let locksAt = 0;
let endsAt = 0;
let activeAt = 0; // the last activity that the server has not been told of
let askAfter = 0; // not again before that
let asked = 0;
let ticked = Date.now();
let isTold = false; // that the session ends, whatever happens
let isSending = false;
let isLeaving = false;

function count(from, locksIn, endsIn) {
  locksAt = from + 1000 * locksIn;
  endsAt = from + 1000 * endsIn;
}

// Tells the other tabs; whoever left the session has nothing to say, and makes them ask.
function tell() {
  channel.postMessage({ session: isLeaving ? "" : name, locksAt, endsAt });
}

async function fetchState(address, body) {
  const askedAt = Date.now(); // what is answered counts from here: the computer may sleep meanwhile
  const options = { redirect: "manual", headers: { "X-CSRFToken": token } };
  if (body) {
    options.method = "POST";
    options.body = body;
  }
  try {
    const answer = await fetch(address, options);
    const type = answer.headers.get("Content-Type") || "";
    if (type.startsWith("application/json")) {
      return Object.assign(await answer.json(), { askedAt });
    }
    return { state: "", status: answer.status, html: answer.status === 422 ? await answer.text() : "" };
  } catch (error) {
    return null; // The network is away.
  }
}

function leave(address) {
  isLeaving = true;
  putAway();
  forget();
  closeWarning();
  location.replace(address);
}

function lock() {
  closeWarning();
  putAway();
  askForPassword(unlock);
  activeAt = 0;
}

// Does what an answer says. Nothing of one person is ever shown to another.
function obey(state) {
  if (isLeaving) {
    return;
  }
  if (state.holder && state.holder !== holder) {
    leave(home);
    return;
  }
  if (state.state === "over") {
    leave(state.address);
    return;
  }
  name = state.session;
  token = state.token;
  count(state.askedAt, state.locks_in, state.ends_in);
  renew(token);
  if (state.state === "locked") {
    lock();
  } else if (Date.now() >= Math.min(locksAt, endsAt)) {
    ask(); // It was true when it was said.
  } else {
    bringBack(state.key);
    warn(Date.now());
  }
}

// Asks how the session stands; only what the latest question is answered with counts.
async function ask() {
  asked += 1;
  const mine = asked;
  askAfter = Date.now() + 10000;
  // The key of a link stands in its own address only.
  const search = new URLSearchParams(location.search).has("key") ? "" : location.search;
  const here = encodeURIComponent(location.pathname + search);
  const address = askAt + "&sealed=" + page + "&page=" + here;
  let state = await fetchState(address);
  if (state && state.state === "over" && mine === asked) {
    // Perhaps another tab has just unlocked, and the browser had no new cookie yet.
    closeWarning();
    putAway();
    await new Promise((done) => setTimeout(done, 1000));
    const again = await fetchState(address);
    state = again && again.state && again.state !== "over" ? again : state;
  }
  if (mine !== asked || isLeaving) {
    return;
  }
  if (state && state.state) {
    obey(state);
  } else if (isAway()) {
    askForPassword(unlock); // Nothing comes back before the server has said that it may.
  } else {
    warn(Date.now());
  }
}

// Sends something that needs a valid token: somebody may have logged in since we got ours.
async function send(address, fields) {
  const post = () => {
    const body = new FormData();
    for (const key of Object.keys(fields)) {
      body.append(key, fields[key]);
    }
    return fetchState(address, body);
  };
  const state = await post();
  if (!state || state.state || (state.status !== 0 && state.status !== 403)) {
    return state;
  }
  await ask();
  return isLeaving ? null : post();
}

async function stay() {
  const ago = activeAt ? Math.max(0, Math.floor((Date.now() - activeAt) / 1000)) : 0;
  activeAt = 0;
  locksAt = Date.now() + lockAfter - 1000 * ago; // until the answer comes
  const mine = asked;
  const state = await send(stayAt, { ago });
  if (state && state.state && mine === asked && !isAway()) {
    obey(state);
    tell();
  } else {
    ask(); // It is locked or over, or there is a later answer than this one.
  }
}

async function unlock(form) {
  if (isSending) {
    return;
  }
  isSending = true;
  const { password, next } = form.elements;
  const fields = { password: password.value, next: next.value, sealed: page };
  const state = await send(unlockAt, fields);
  isSending = false;
  if (isLeaving) {
    return;
  }
  if (state && state.status === 422) {
    askAgain(state.html, unlock);
  } else if (state && state.state === "open") {
    asked += 1;
    obey(state);
    tell();
  } else if (state && state.state) {
    ask();
  } else {
    sayUnreachable(form);
  }
}

function warn(now) {
  const endsIn = Math.ceil((endsAt - now) / 1000);
  const locksIn = Math.ceil((locksAt - now) / 1000);
  if (!isTold && endsAt - now <= warnFor) {
    showWarning("warning-end", endsIn, times, () => {
      isTold = true;
      stay();
    });
  } else if (locksAt - now <= warnFor) {
    showWarning("warning-lock", locksIn, times, stay);
  } else {
    closeWarning();
  }
}

function isDue(now) {
  return locksAt - now <= warnFor || (!isTold && endsAt - now <= warnFor);
}

function tick() {
  const now = Date.now();
  const jumped = Math.abs(now - ticked - 1000) > 5000; // asleep, or another time was set
  ticked = now;
  if (isLeaving) {
    return;
  }
  if (isAway()) {
    if (now >= endsAt && now >= askAfter) {
      ask();
    }
    return;
  }
  if (now >= Math.min(locksAt, endsAt)) {
    lock();
    ask();
  } else if (jumped && !document.hidden) {
    ask();
  } else if (isWarning()) {
    warn(now); // Only its answer counts now, and no other key.
  } else if (isDue(now) && now >= askAfter) {
    ask(); // Another tab may know better: what is answered decides whether a warning is shown.
  } else if (activeAt && now >= locksAt - lockAfter + MINUTE) {
    stay(); // At most once a minute, and so that the last activity counts too.
  }
}

function note(event) {
  const moved = event.type !== "pointermove" || event.movementX || event.movementY;
  if (event.isTrusted && moved && !isAway()) {
    activeAt = Date.now();
  }
}

for (const type of ["keydown", "input", "pointerdown", "pointermove", "wheel", "touchstart", "touchmove"]) {
  document.addEventListener(type, note, { capture: true, passive: true });
}

// Whoever comes back to a page sees nothing of it before the server has said that they may.
function look() {
  if (isLeaving) {
    return;
  }
  if (Date.now() >= Math.min(locksAt, endsAt)) {
    putAway();
  }
  ask();
}

document.addEventListener("visibilitychange", () => {
  if (!document.hidden) {
    look();
  }
});
window.addEventListener("pagehide", (event) => {
  if (event.persisted) {
    closeWarning();
    putAway(); // The browser may keep the page for its Back button.
  }
});
window.addEventListener("pageshow", (event) => {
  if (event.persisted && isLeaving) {
    location.reload();
  } else if (event.persisted) {
    look();
  }
});
window.addEventListener("focus", () => {
  if (Date.now() >= askAfter) {
    look();
  }
});
document.addEventListener("app:ask", ask);

// Other tabs: what one of the same session says is as good as an answer; all else is asked for.
channel.addEventListener("message", (event) => {
  if (event.data.session !== name || isAway()) {
    ask();
    return;
  }
  ({ locksAt, endsAt } = event.data);
  if (isWarning()) {
    warn(Date.now());
  }
});

const locksIn = Number(part.dataset.locksIn);
count(performance.timeOrigin, locksIn, Number(part.dataset.endsIn));
if (1000 * locksIn < lockAfter) {
  activeAt = performance.timeOrigin; // To open a page is to do something; it was not noted yet.
}
tell();
setInterval(tick, 1000);
