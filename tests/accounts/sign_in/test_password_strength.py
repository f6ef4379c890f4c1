"""How many guesses a password takes, and that to ask costs little."""

import random
import subprocess
import sys
import time

import pytest

from accounts.factors.passwords import LONGEST
from accounts.sign_in.password_rules import _readings
from accounts.sign_in.password_strength import MOST_READ, guesses

LETTERS_ALIKE = "4@8({[<369!1|0$5+7%2"
MOST_MS = 50
_made = random.Random(7)  # noqa: S311  the same ones each time


def mixed(letters: str, count: int) -> str:
    return "".join(_made.choice(letters) for _ in range(count))


# Each made to take long: signs for letters in all ways at once, repeats of them, dates, one key.
COSTLY = {
    "signs": mixed(LETTERS_ALIKE, LONGEST),
    "pairs of signs": "@4@4(({{<<6699!!||11" * 12,
    "repeated signs": LETTERS_ALIKE * 12,
    "repeated digits and signs": mixed("4836910572@!$", 20) * 12,
    "repeated brackets": mixed("4836910572({<", 20) * 12,
    "digits": mixed("0123456789", LONGEST),
    "dates": "1/1/1991 " * 28,
    "any dates": mixed("0123456789/-. ", LONGEST),
    "one key": "a" * LONGEST,
    "two keys": "ab" * 128,
    "nested repeats": "aaabaaabaaac" * 20,
    "p@ssw0rd": "p@$$w0rd4@!1" * 20,
    "words": "correct horse battery staple " * 8,
    "anything": mixed("".join(map(chr, range(33, 127))), LONGEST),
    "grows when folded": "\u00df" * LONGEST,
    "grows when normalised": "\ufdfa" * LONGEST,
}


@pytest.mark.parametrize("kind", COSTLY)
def test_no_password_takes_long_to_judge(kind: str) -> None:
    guesses(["once, so that the words are read"])
    took = []
    for _ in range(3):  # other processes may be in the way
        began = time.thread_time()
        guesses(_readings(COSTLY[kind]))
        took.append(time.thread_time() - began)
    assert min(took) * 1000 < MOST_MS


def test_words_of_one_person_are_not_looked_up_for_another_one() -> None:
    assert guesses(["larkfieldlane"], known=["larkfieldlane"]) < 10
    assert guesses(["larkfieldlane"]) > 1000


def test_what_begins_well_is_not_read_to_its_end() -> None:
    good = "three quiet herons over a slow grey river"
    assert len(good) > MOST_READ
    assert guesses([good]) == guesses([good + "a" * 200])


def test_its_words_are_not_in_memory_before_a_user_chooses_a_password() -> None:
    script = "import sys, accounts.factors.passwords; print('zxcvbn.matching' in sys.modules)"
    said = subprocess.run(
        [sys.executable, "-c", script], check=True, capture_output=True, text=True
    )
    assert said.stdout.strip() == "False"
