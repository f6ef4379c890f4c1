"""How many guesses a password takes, as zxcvbn counts them. Pure.

Wheeler, zxcvbn: Low-Budget Password Strength Estimation (USENIX Security 2016). The library by
itself takes seconds for a password made for that (2.8 s for 72 signs that stand for letters, in
all ways at once); put together from its parts here, at most 32 ms for 256 characters.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

# The rest of a longer password is not looked at: a good enough beginning is enough.
MOST_READ = 40  # characters
# The library tries all ways to read signs as letters within what repeats itself, and so:
_SIGNS = frozenset("@({[<!|$+%")
MOST_SIGNS = 3  # different ones, where repeats are looked for


def guesses(texts: Iterable[str], *, known: Sequence[str] = ()) -> float:
    """Return how many guesses the easiest of several readings of a password takes.

    Args:
        texts: the password as it stands, and as what its signs stand for.
        known: words that an attacker tries first, in lower case.
    """
    # Imported late: 15 MB of words, which few processes need.
    from zxcvbn import matching, scoring  # noqa: PLC0415

    # Not the library's main function: it keeps one user's words for the next user's password.
    words = {**matching.RANKED_DICTIONARIES, "user_inputs": matching.build_ranked_dict(known)}
    found = []
    for text in texts:
        read = text[:MOST_READ]
        matchers: list[Callable[..., Any]] = [
            matching.dictionary_match,
            matching.reverse_dictionary_match,
            matching.spatial_match,
            matching.sequence_match,
            matching.regex_match,
            matching.date_match,
        ]
        if len(_SIGNS.intersection(read)) <= MOST_SIGNS:
            matchers.append(matching.repeat_match)
        matches = [match for each in matchers for match in each(read, _ranked_dictionaries=words)]
        matches.sort(key=lambda match: (match["i"], match["j"]))
        found.append(float(scoring.most_guessable_match_sequence(read, matches)["guesses"]))
    return min(found)
