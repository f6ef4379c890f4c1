"""Puzzles: work that a browser does so that its try need not wait behind those of others.

Somebody who guesses a password makes all others at that address, or with that user name, wait. A
puzzle makes each try cost work instead: for each of its parts, find a number with which a SHA-256
hash begins with enough zero bits (as in Hashcash, 1997). It is for one user name and one try;
``models.throttle`` knows which ones are spent.
"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta

from django.core import signing

PARTS = 8  # of half a second each: one alone could take ten seconds by bad luck
FEWEST_BITS, MOST_BITS = 15, 19  # 2**15 hashes for each part at first, 2**19 at most
TRIES_ALIKE = 5  # tries with puzzles for one name before the next ones cost more
LIFETIME = timedelta(minutes=10)
LONGEST = 300  # characters of a puzzle or its solution
_SALT = "accounts.puzzle"


@dataclass(frozen=True)
class Puzzle:
    token: str  # signed; the browser sends it back
    nonce: str
    bits: int


def bits_after(tries: int) -> int:
    """Return how hard the next puzzle is: the work doubles whenever the tries have doubled."""
    return min(MOST_BITS, FEWEST_BITS + (tries // TRIES_ALIKE).bit_length())


def new(name: str, *, bits: int) -> Puzzle:
    """Return a puzzle for a try at a user name, whose keyed hash ``name`` is."""
    nonce = secrets.token_hex(8)
    return Puzzle(signing.dumps([nonce, bits, name], salt=_SALT), nonce, bits)


def solved(token: str, solution: str, name: str) -> str:
    """Return the puzzle's nonce, or "" unless it is ours, for that name, and solved."""
    try:
        nonce, bits, whose = signing.loads(token, salt=_SALT, max_age=LIFETIME)
    except signing.BadSignature:
        return ""
    numbers = solution.split(",")
    if whose != name or len(numbers) != PARTS:
        return ""
    parts = enumerate(numbers)
    return nonce if all(is_solution(nonce, part, number, bits) for part, number in parts) else ""


def is_solution(nonce: str, part: int, number: str, bits: int) -> bool:
    """Say whether a number solves a part. The script ``puzzle.js`` makes the same hash."""
    if not number.isascii() or not number.isdecimal():
        return False
    hashed = hashlib.sha256(f"{nonce}:{part}:{number}".encode()).digest()
    return int.from_bytes(hashed[:4]) >> (32 - bits) == 0
