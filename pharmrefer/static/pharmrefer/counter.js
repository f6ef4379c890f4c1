// Says how many characters are left, counted as the server counts them (referrals/typed.py): as
// people see them, each once, a line end too, and without what stands empty around them.
import { CharacterCount } from "../nhsuk/nhsuk.js";

const HALVES = /\p{Cs}/gu; // of a character: browsers send another one in its place
const UNSEEN = /[^\P{C}\n\t\u200c\u200d]/gu;

export function count(text) {
  const seen = text.replace(/\r\n/g, "\n").replace(HALVES, "\ufffd").replace(UNSEEN, "");
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
