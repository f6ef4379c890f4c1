"""How a code is read out on the telephone: 7, K for Kilo. Pure.

The words are those of the ITU and NATO, as people in the United Kingdom write them.
"""

WORDS = (
    *("Alpha", "Bravo", "Charlie", "Delta", "Echo", "Foxtrot", "Golf", "Hotel", "India", "Juliet"),
    *("Kilo", "Lima", "Mike", "November", "Oscar", "Papa", "Quebec", "Romeo", "Sierra", "Tango"),
    *("Uniform", "Victor", "Whiskey", "X-ray", "Yankee", "Zulu"),
)
_SAID = {word[0]: f"{word[0]} for {word}" for word in WORDS} | {"0": "0 (zero)"}


def spelt(code: str) -> list[str]:
    """Return a line for each group, as in ``7, K for Kilo, 3, M for Mike``."""
    groups = code.replace("-", " ").upper().split()
    return [", ".join(_SAID.get(letter, letter) for letter in group) for group in groups]
