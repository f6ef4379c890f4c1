"""Characters that come along when something is pasted."""

import pytest

from accounts.text import characters


@pytest.mark.parametrize(
    ("pasted", "plain"),
    [
        ("123 456", "123 456"),
        ("１２３－４", "123-4"),
        ("1\u00a02\u20093\t4\n", "1 2 3 4 "),
        ("1\u20102\u20113\u20134\u20145\u22126", "1-2-3-4-5-6"),
        ("\ufeff1\u200b2\u202e3\u00ad4\ufe0f\u3164", "1234"),
        ("٣²ab", "٣²ab"),  # other digits are none of ours
    ],
)
def test_numbers_and_dates_are_made_plain(pasted: str, plain: str) -> None:
    assert characters.plain(pasted) == plain
