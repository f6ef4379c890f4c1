"""Answers of known length and contents: what a proxy cuts or changes shows. Pure.

Each is made once in a process, and served from memory.
"""

import hashlib
from functools import cache

SIZES = (1_000, 100_000, 1_000_000)  # bytes
LONGEST_UPLOAD = 200_000  # bytes
_LINE = 100  # bytes, with the line's end
LAST_LINE = "This is the last line: nothing was cut."


@cache
def body(size: int) -> bytes:
    """Return that many bytes of ASCII, which cannot be packed much smaller."""
    first = f"PharmRefer connection test. The last line must be: {LAST_LINE}\n\n".encode()
    last = f"\n{LAST_LINE}\n".encode()
    left = size - len(first) - len(last)
    noise = hashlib.shake_256(str(size).encode()).hexdigest((left + 1) // 2)[:left]
    lines = (noise[at : at + _LINE - 1] + "\n" for at in range(0, left, _LINE))
    return first + "".join(lines)[:left].encode() + last


@cache
def sha256(size: int) -> str:
    return hashlib.sha256(body(size)).hexdigest()
