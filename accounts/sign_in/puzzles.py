"""Puzzles: work that a browser does so that its try need not wait behind those of others.

Whoever guesses at a password makes others wait, who come from the same address or have the same
name. A puzzle makes each try cost work instead: to find, for each of its parts, a number with which
a SHA-256 hash begins with enough zero bits (as in Hashcash, 1997). It is for one user name and one
try; which ones are spent, ``models.throttle`` knows.
"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta

from django.core import signing

PARTS = 8  # of half a second each, rather than one that may take ten: luck evens out
FEWEST_BITS, MOST_BITS = 15, 19  # 2**15 hashes for each part at first, 2**19 at most
TRIES_ALIKE = 5  # tries with puzzles for one name before the next ones cost more
LIFETIME = timedelta(minutes=10)
LONGEST = 300  # characters of a puzzle or its solution
_SALT = "accounts.puzzle"


@dataclass(frozen=True)
class Puzzle:
    """What a browser is given to do."""

    token: str  # which it sends back
    nonce: str
    bits: int


def bits_after(tries: int) -> int:
    """Return how much work the next try costs after so many with puzzles: twice for twice."""
    return min(MOST_BITS, FEWEST_BITS + (tries // TRIES_ALIKE).bit_length())


def new(name: str, *, bits: int) -> Puzzle:
    """Return a puzzle for a try at a user name, which is given as a keyed hash."""
    nonce = secrets.token_hex(8)
    return Puzzle(signing.dumps([nonce, bits, name], salt=_SALT), nonce, bits)


def solved(token: str, solution: str, name: str) -> str:
    """Return the nonce of a puzzle that is ours, for that name and solved, or nothing."""
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
