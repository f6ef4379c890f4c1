// Solves a puzzle, so that a try to log in need not wait: accounts/sign_in/puzzles.py says what it is for.
// Without this file, people enter a code beside the password, or wait.

const K = new Uint32Array(64);
const START = new Uint32Array(8);

// The constants of SHA-256 (FIPS 180-4): from the roots of the first primes.
function begin() {
  let found = 0;
  for (let number = 2; found < 64; number += 1) {
    let isPrime = true;
    for (let factor = 2; factor * factor <= number; factor += 1) {
      isPrime = isPrime && number % factor !== 0;
    }
    if (isPrime) {
      if (found < 8) {
        START[found] = (Math.sqrt(number) % 1) * 2 ** 32;
      }
      K[found] = (Math.cbrt(number) % 1) * 2 ** 32;
      found += 1;
    }
  }
}

const words = new Uint32Array(64);

// The first 32 bits of the hash of a text of at most 55 letters, all of them ASCII.
function firstWord(text) {
  words.fill(0, 0, 16);
  for (let place = 0; place < text.length; place += 1) {
    words[place >> 2] |= text.charCodeAt(place) << (24 - 8 * (place & 3));
  }
  words[text.length >> 2] |= 0x80 << (24 - 8 * (text.length & 3));
  words[15] = text.length * 8;
  for (let place = 16; place < 64; place += 1) {
    const two = words[place - 2];
    const fifteen = words[place - 15];
    const low = ((fifteen >>> 7) | (fifteen << 25)) ^ ((fifteen >>> 18) | (fifteen << 14)) ^ (fifteen >>> 3);
    const high = ((two >>> 17) | (two << 15)) ^ ((two >>> 19) | (two << 13)) ^ (two >>> 10);
    words[place] = words[place - 16] + low + words[place - 7] + high;
  }
  let [a, b, c, d, e, f, g, h] = START;
  for (let place = 0; place < 64; place += 1) {
    const high = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
    const one = (h + high + ((e & f) ^ (~e & g)) + K[place] + words[place]) | 0;
    const low = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
    const other = (low + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    h = g;
    g = f;
    f = e;
    e = (d + one) | 0;
    d = c;
    c = b;
    b = a;
    a = (one + other) | 0;
  }
  return (START[0] + a) >>> 0;
}

const A_WHILE = 5000; // tries before the page gets its turn

async function solve(nonce, bits, parts) {
  const numbers = [];
  for (let part = 0; part < parts; part += 1) {
    let number = 0;
    while (firstWord(`${nonce}:${part}:${number}`) >>> (32 - bits) !== 0) {
      number += 1;
      if (number % A_WHILE === 0) {
        await new Promise((go) => setTimeout(go, 0));
      }
    }
    numbers.push(number);
  }
  return numbers.join(",");
}

async function work(puzzle) {
  const { nonce, bits, parts } = puzzle.dataset;
  const { form } = puzzle.querySelector("[name=solution]");
  const status = puzzle.querySelector("[role=status]");
  let isWanted = false;
  const wait = (event) => {
    event.preventDefault();
    isWanted = true;
    status.textContent = status.dataset.wait;
  };
  status.textContent = status.dataset.begun;
  form.addEventListener("submit", wait);
  form.elements.namedItem("solution").value = await solve(nonce, Number(bits), Number(parts));
  form.removeEventListener("submit", wait);
  status.textContent = status.dataset.done;
  if (isWanted) {
    form.requestSubmit();
  }
}

begin();
document.querySelectorAll("[data-nonce]").forEach(work);
