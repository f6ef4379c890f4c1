"""What a practice may be phoned on."""

import pytest
from django.core.exceptions import ValidationError

from referrals.practice_forms import clean_practice_phone


class TestPracticePhone:
    """On which number a practice may be phoned."""

    @pytest.mark.parametrize(
        ("typed", "kept"),
        [
            ("01632 960 999", "01632 960 999"),
            ("(01632) 960-999", "01632 960 999"),
            ("+44 1632 960999", "01632 960999"),
            ("+44 (0)1632 960999", "01632 960999"),
            ("+441632960999", "01632960999"),
            ("020 7946 0999", "020 7946 0999"),
            ("0300 123 4567", "0300 123 4567"),
            ("07700 900 999", "07700 900 999"),
            ("0800 123 456", "0800 123 456"),
        ],
    )
    def test_a_number_in_the_united_kingdom_is_kept(self, typed: str, kept: str) -> None:
        assert clean_practice_phone(typed) == kept

    @pytest.mark.parametrize(
        "typed",
        [
            *("01632", "phone us", "01632 960 999 ext 5", "+33 1 23 45 67 89", "+1 202 555 0143"),
            *("01632 960 9999", "00 44 1632 960999", "0000 000 0000", "+44", "+44 0", "\u0660163"),
            "01632 960 999, 01632 960 998",
        ],
    )
    def test_anything_else_is_not(self, typed: str) -> None:
        with pytest.raises(ValidationError, match=r"Enter a (UK )?phone number"):
            clean_practice_phone(typed)

    @pytest.mark.parametrize(
        "typed", ["09012 345 678", "0871 234 5678", "0845 123 4567", "070 1234 5678", "0500 123456"]
    )
    def test_nor_one_that_costs_the_caller_more(self, typed: str) -> None:
        with pytest.raises(ValidationError, match="others cost the caller more"):
            clean_practice_phone(typed)
