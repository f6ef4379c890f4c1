"""No name has a word that is retired: words.py says which, and what is said instead."""

import ast
from pathlib import Path

import pytest

from tests.house import figures, words
from tests.house.words import RETIRED, Name


@pytest.mark.parametrize("word", RETIRED)
def test_a_retired_word_comes_back_in_no_name(word: str) -> None:
    found = words.with_word(word)
    listed = "\n".join(f"{name.path}: {name.text}" for name in found)
    assert not found, f"say {RETIRED[word].called}:\n{listed}"


def test_names_are_what_our_code_gives_and_no_text_or_name_of_others() -> None:
    source = """
import module as alias
class Class:
    attribute: int = 0
    def method(self, argument, /, *rest, option=None, **more):
        self.own = other.theirs(keyword="text")
        for each, _ in (lambda inner: inner): pass
        try: pass
        except Fault as error: pass
"""
    given = {"alias", "Class", "attribute", "method", "self", "argument", "rest", "option", "more"}
    given |= {"own", "each", "_", "inner", "error"}
    assert set(words.given_in(ast.parse(source))) == given


@pytest.mark.parametrize(
    ("name", "words_in_it"),
    [
        (Name("accounts/models/people.py", "stopped_at"), {"stop"}),
        (Name("accounts/people/x.py", "StoppedError"), {"stop"}),
        (Name("pharmrefer/local/supervisor.py", "stop_signal"), set()),
        (Name("accounts/sign_in/screen_lock.py", "unlock_screen"), set()),
        (Name("accounts/sign_in/screen_lock.py", "unlock"), {"unlock"}),
        (Name("accounts/sign_in/views/unlock.py", "unlock"), set()),
        (Name("accounts/sign_in/screen_lock.py", "unlock_in_place"), set()),
        (Name("accounts/web/access.py", "signed_in"), set()),
        (Name("accounts/web/access.py", "sign_in"), set()),
        (Name("accounts/models/x.py", "SignKind"), {"sign"}),
        (Name("referrals/views/x.py", "look_up"), set()),
        (Name("referrals/views/x.py", "Look"), {"look"}),
        (Name("accounts/models/x.py", "KEPT_FOR"), set()),
        (Name("accounts/sign_in/totp.py", "WIDE_WINDOW"), set()),
        (Name("accounts/people/moves.py", "moves"), set()),
        (Name("accounts/people/moves.py", "moves", is_file=True), {"moves"}),
        (Name("tests/accounts/test_x.py", "test_a_program_is_stopped"), set()),
        (Name("tests/accounts/test_x.py", "test_somebody_else"), {"somebody"}),
    ],
    ids=lambda each: each.text if isinstance(each, Name) else "",
)
def test_a_word_is_retired_in_one_sense(name: Name, words_in_it: set[str]) -> None:
    assert {word for word, retired in RETIRED.items() if name.has(retired)} == words_in_it


def test_what_is_allowed_is_there_and_would_not_be_else() -> None:
    found = {(Path(name.path).stem, name.text) for name in words.names()}
    for reason, allowed in words.ALLOWED.items():
        assert allowed <= found, reason


def test_the_words_that_addresses_keep_are_theirs() -> None:
    assert {route.word for route in figures.routes()} >= words.KEPT_BY_ADDRESSES
