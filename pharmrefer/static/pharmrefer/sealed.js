// Seals what a locked page held, with a key that only the server has while the screen is locked:
// nobody reads it in the page's memory, and nothing that was typed is lost without a network.

const NAME = "AES-GCM";
const IV_BYTES = 12;

async function imported(key, use) {
  const bytes = Uint8Array.from(key.match(/../g) || [], (pair) => parseInt(pair, 16));
  return crypto.subtle.importKey("raw", bytes, NAME, false, [use]);
}

// Takes the server's key, for one text: it cannot be read out again.
export function prepare(key) {
  const sealing = imported(key, "encrypt");
  sealing.catch(() => {}); // whoever seals with it is told
  return sealing;
}

export async function seal(text, sealing) {
  const iv = crypto.getRandomValues(new Uint8Array(IV_BYTES));
  const bytes = new TextEncoder().encode(text);
  return { iv, bytes: await crypto.subtle.encrypt({ name: NAME, iv }, await sealing, bytes) };
}

export async function unseal(sealed, key) {
  const { iv, bytes } = await sealed;
  const opening = await imported(key, "decrypt");
  return new TextDecoder().decode(await crypto.subtle.decrypt({ name: NAME, iv }, opening, bytes));
}
