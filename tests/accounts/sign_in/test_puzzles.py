"""A puzzle: for one name, one try, and as much work as is said."""

import pytest

from accounts.sign_in import puzzles
from tests.puzzles import solution_of


def test_it_is_solved_for_its_name_alone() -> None:
    puzzle = puzzles.new("jane", bits=6)
    solution = solution_of(puzzle)
    assert puzzles.solved(puzzle.token, solution, "jane") == puzzle.nonce
    assert puzzles.solved(puzzle.token, solution, "john") == ""
    assert puzzles.solved(puzzles.new("jane", bits=6).token, solution, "jane") == ""


@pytest.mark.parametrize(
    "solution",
    ["", "1", "0,0,0,0,0,0,0,0", "x," * 7 + "x", "\u0661," * 8, "-1," * 7 + "1", ",,,,,,,"],
)
def test_what_solves_nothing_is_nothing(solution: str) -> None:
    assert puzzles.solved(puzzles.new("jane", bits=20).token, solution, "jane") == ""


def test_nobody_makes_one_for_themselves() -> None:
    puzzle = puzzles.new("jane", bits=6)
    for token in ("", "x", puzzle.token[:-1], puzzle.token.upper(), "\x00"):
        assert puzzles.solved(token, solution_of(puzzle), "jane") == ""


def test_it_is_good_for_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    begun = 1_000_000.0
    monkeypatch.setattr("django.core.signing.time.time", lambda: begun)
    puzzle = puzzles.new("jane", bits=1)
    solution = solution_of(puzzle)
    for seconds, nonce in ((599, puzzle.nonce), (601, "")):
        monkeypatch.setattr("django.core.signing.time.time", lambda at=seconds: begun + at)
        assert puzzles.solved(puzzle.token, solution, "jane") == nonce


@pytest.mark.parametrize(
    ("tries", "bits"), [(0, 15), (4, 15), (5, 16), (10, 17), (20, 18), (40, 19), (10_000, 19)]
)
def test_who_goes_on_guessing_works_ever_more(tries: int, bits: int) -> None:
    assert puzzles.bits_after(tries) == bits
