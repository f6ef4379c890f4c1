// Measures the way from this browser to PharmRefer, in small numbers and words: nothing of anyone.
// What each means says support/connection/figures.py, and what is judged of it, verdicts.py beside it.

const HERE = "/connection/";
const PATIENCE = 10000; // ms for one answer
const LONG_ENOUGH = 3000; // ms, after which the time of no further answer is taken
const UPLOAD = 100000; // bytes

// Asks without cookies, which would bring a session along: nothing here is about anyone.
async function ask(address, read, options = {}) {
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), PATIENCE);
  const how = { cache: "no-store", credentials: "omit", redirect: "error", signal: stop.signal };
  try {
    return await read(await fetch(address, { ...how, ...options }));
  } finally {
    clearTimeout(timer);
  }
}

// No proxy may have it from before.
function fresh(address) {
  return address + "?n=" + Math.random().toString(36).slice(2);
}

async function json(answer) {
  if (!answer.ok) {
    throw new Error("status " + answer.status);
  }
  return answer.json();
}

function askForJson(name, options) {
  return ask(fresh(HERE + name + "/"), json, options).catch(() => null);
}

async function sha256(bytes) {
  if (!window.crypto.subtle) {
    return null; // http, on another host than this one: the length has to do
  }
  const hash = await window.crypto.subtle.digest("SHA-256", bytes);
  return Array.from(new Uint8Array(hash), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

// Takes what comes of an answer, also if it breaks off.
async function take(answer) {
  const parts = [];
  const reader = answer.ok && answer.body ? answer.body.getReader() : null;
  try {
    for (let part = reader && (await reader.read()); part && !part.done; part = await reader.read()) {
      parts.push(part.value);
    }
  } catch (error) {
    // Broken off, or nothing more came.
  }
  const blob = new Blob(parts);
  return { blob, isAnswer: answer.ok, headers: answer.headers };
}

// "whole", or what became of an answer on its way, and how much of it came.
async function compare(address, expected) {
  const came = await ask(fresh(address), take).catch(() => null);
  if (!came || !came.isAnswer) {
    return { state: "blocked", bytes: 0, headers: came && came.headers };
  }
  const bytes = came.blob.size;
  const hash = await sha256(await came.blob.arrayBuffer());
  const isChanged = bytes > expected.bytes || (hash !== null && hash !== expected.sha256);
  const state = bytes < expected.bytes ? "cut" : isChanged ? "changed" : "whole";
  return { state, bytes, headers: came.headers };
}

async function timeOne() {
  const before = performance.now();
  const said = await ask(fresh(HERE + "clock/"), json);
  const took = performance.now() - before;
  return { took, off: Date.now() - took / 2 - said.now_ms };
}

// Where the first two get no answer, nobody waits for the others.
async function timeMany(most, step) {
  const begun = performance.now();
  const timed = [];
  let failures = 0;
  const isOver = () => failures > 1 && timed.length === 0;
  for (let count = 0; count < most && !isOver(); count += 1) {
    if (timed.length > 3 && performance.now() - begun > LONG_ENOUGH) {
      break;
    }
    try {
      timed.push(await timeOne());
    } catch (error) {
      failures += 1;
    }
    step();
  }
  return { timed, failures };
}

function middle(sorted) {
  return (sorted[Math.floor((sorted.length - 1) / 2)] + sorted[Math.floor(sorted.length / 2)]) / 2;
}

function times({ timed, failures }) {
  if (timed.length === 0) {
    return { reached: 0, failures };
  }
  // The first one also opens the connection.
  const took = timed.slice(timed.length > 1 ? 1 : 0).map((each) => each.took);
  took.sort((a, b) => a - b);
  const quickest = timed.reduce((best, each) => (each.took < best.took ? each : best));
  const few = Math.floor(took.length / 10); // of ten, the quickest and the slowest do not count
  return {
    reached: timed.length,
    failures,
    latency_ms: Math.round(middle(took)),
    spread_ms: Math.round(took[took.length - 1 - few] - took[few]),
    clock_off_ms: Math.round(quickest.off) || 0, // never -0
  };
}

async function cookies() {
  const options = { credentials: "same-origin" };
  const first = await askForJson("cookies", options);
  const second = first && (await askForJson("cookies", options));
  if (!second) {
    return { cookies: "unknown" };
  }
  // Marks rise with time: one that another tab was given meanwhile has been kept too.
  return { cookies: second.came >= first.given ? "kept" : "refused" };
}

const WORST_FIRST = ["blocked", "cut", "changed", "whole"];

async function staticFiles(files) {
  const found = await Promise.all(Object.keys(files).map((address) => compare(address, files[address])));
  const states = found.map((each) => each.state);
  const sheets = Array.from(document.querySelectorAll("link[rel=stylesheet]"));
  if (sheets.some((link) => !link.sheet)) {
    states.push("blocked"); // fetched perhaps, but not applied
  }
  return { static_files: WORST_FIRST.find((state) => states.includes(state)) };
}

function areThere(headers, expected) {
  return Object.keys(expected).every((name) => (headers.get(name) || "").includes(expected[name]));
}

// A browser drops what it has not yet handed on when the line breaks: two tries tell more than one.
async function whereCut(answer, came) {
  const second = await compare(answer.address, answer);
  const bytes = Math.max(came.bytes, second.state === "cut" ? second.bytes : 0);
  return bytes > 0 ? { cut_at: bytes } : {};
}

// From short to long, as far as they come whole.
async function answers(expected, step) {
  const result = { sizes: "unknown", headers: "unknown" };
  for (const answer of expected.answers) {
    const came = await compare(answer.address, answer);
    result.sizes = came.state;
    if (came.headers && came.state !== "blocked") {
      result.headers = areThere(came.headers, expected.headers) ? "whole" : "changed";
    }
    step();
    if (came.state !== "whole") {
      return came.state === "cut" ? { ...result, ...(await whereCut(answer, came)) } : result;
    }
  }
  return result;
}

async function upload() {
  const letters = Array.from({ length: UPLOAD }, () => String.fromCharCode(97 + Math.random() * 26));
  const body = new Blob(letters, { type: "text/plain" });
  const came = await askForJson("upload", { method: "POST", body });
  if (!came) {
    return { upload: "blocked" };
  }
  const hash = await sha256(await body.arrayBuffer());
  const isChanged = came.bytes > UPLOAD || (hash !== null && came.sha256 !== hash);
  return { upload: came.bytes < UPLOAD ? "cut" : isChanged ? "changed" : "whole" };
}

function encryption(expected) {
  const here = location.protocol === "https:";
  const there = expected.secure;
  return { tls: here !== there ? "differs" : here ? "https" : "http" };
}

function protocol() {
  const mine = performance.getEntriesByType("resource").filter((entry) => entry.name.includes(HERE + "clock/"));
  const said = mine.length ? mine[mine.length - 1].nextHopProtocol : "";
  // Of an odd one nothing is said: the server would believe no figure at all.
  return { protocol: /^[a-z0-9/._-]{0,20}$/.test(said) ? said : "" };
}

// Returns what support/connection/figures.py lists. quick: fewer answers, and no long ones.
// onProgress is called with { done, of } after each step.
export async function measure({ quick = false, onProgress = () => {} } = {}) {
  const most = quick ? 4 : 12;
  const of = most + (quick ? 4 : 6);
  let done = 0;
  const step = () => {
    done += 1;
    onProgress({ done, of });
  };
  const also = async (part) => {
    const result = await part;
    step();
    return result;
  };
  const nothing = { cookies: "unknown", tls: "unknown", static_files: "unknown", sizes: "unknown" };
  const figures = { ...nothing, upload: "unknown", headers: "unknown", protocol: "" };
  Object.assign(figures, times(await timeMany(most, step)), protocol());
  const expected = figures.reached > 0 ? await askForJson("expected") : null;
  if (!expected) {
    return figures;
  }
  if (quick) {
    expected.answers.pop();
  }
  const parts = [answers(expected, step), also(cookies()), also(staticFiles(expected.files))];
  if (!quick) {
    parts.push(also(upload()));
  }
  return Object.assign(figures, encryption(expected), ...(await Promise.all(parts)));
}
