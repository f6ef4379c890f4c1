"""What people type, as it can be seen."""

import pytest

from referrals import clean_text


@pytest.mark.parametrize(
    "unseen",
    "\u200b\ufeff\u00ad\u202e\u2066\u2060\x01\u200c\u200d\u3164\u115f\u2800\u034f\ufe0f\U000e0100",
)
def test_what_nobody_sees_is_left_out(unseen: str) -> None:
    assert clean_text.one_line(f"Ash{unseen}worth") == "Ashworth"
    assert clean_text.one_line(unseen) == ""
    assert clean_text.passage(f"Cough.{unseen}\nTired.") == "Cough.\nTired."


def test_joiners_stay_where_they_change_how_letters_look() -> None:
    for word in ("می\u200cخواهم", "ශ්\u200dරී"):
        assert clean_text.one_line(word) == word


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\x85", "\u2028", "\u2029"])
def test_a_line_end_counts_once_however_it_is_written(end: str) -> None:
    assert clean_text.passage(f"Cough.{end}Tired.") == "Cough.\nTired."
    assert clean_text.one_line(f"Cough.{end}Tired.") == "Cough. Tired."


@pytest.mark.parametrize("dash", "-\u2010\u2011\u2012\u2013\u2014\u2212\ufe63\uff0d")
def test_a_name_has_plain_hyphens(dash: str) -> None:
    assert clean_text.person_name(f"Smith{dash}Jones") == "Smith-Jones"


def test_a_letter_with_its_marks_is_one_character() -> None:
    assert clean_text.person_name("Zoe\u0308") == "Zoë"


def test_a_name_has_a_letter_of_some_script() -> None:
    assert all(map(clean_text.has_letters, ("Li", "李", "О'Ніл", "x")))
    assert not any(map(clean_text.has_letters, ("", "-", ".", "?", "--", "1", "…", "'")))
