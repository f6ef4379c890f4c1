// Says how many characters are left, counted as the server counts them (referrals/clean_text.py): as
// people see them, each once, a line end too, and without what stands empty around them.
import { CharacterCount } from "../nhsuk/nhsuk.js";

const HALVES = /\p{Cs}/gu; // of a character: browsers send another one in its place
const LINE_END = /\r\n|[\r\x85\u2028\u2029]/g;
const UNSEEN = /[^\P{C}\n\t\u200c\u200d]/gu;
const EMPTY = /[\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0\ufe00-\ufe0f\u180b-\u180f]|[\u{e0100}-\u{e01ef}]/gu;
const JOINER = /(?<![^\x00-\u024f])[\u200c\u200d]|[\u200c\u200d](?![^\x00-\u024f])/gu;

export function count(text) {
  const lines = text.replace(LINE_END, "\n").replace(HALVES, "\ufffd");
  const seen = lines.replace(UNSEEN, "").replace(EMPTY, "").replace(JOINER, "");
  return Array.from(seen.trim()).length;
}

export class Counter extends CharacterCount {
  count(text) {
    return count(text);
  }

  // Holds no text, for it would stay in memory while the screen is locked.
  checkIfValueChanged() {
    const now = this.count(this.$textarea.value);
    if (now !== this.counted) {
      this.counted = now;
      this.updateCountMessage();
    }
  }
}

Counter.moduleName = "app-character-count";
