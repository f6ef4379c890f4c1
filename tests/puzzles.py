"""Solves the puzzles of the log-in page, as its script does."""

import itertools

from accounts.sign_in import puzzles
from accounts.sign_in.puzzles import Puzzle


def solution_of(puzzle: Puzzle) -> str:
    """Return what the script of the page finds."""
    numbers = (
        next(
            str(number)
            for number in itertools.count()
            if puzzles.is_solution(puzzle.nonce, part, str(number), puzzle.bits)
        )
        for part in range(puzzles.PARTS)
    )
    return ",".join(numbers)
