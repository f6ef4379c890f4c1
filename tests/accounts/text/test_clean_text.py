"""What comes along when something is pasted, and what looks like something else."""

import unicodedata

import pytest

from accounts.models.people import fold_user_name
from accounts.text import clean_text

# Named by Unicode; each of them comes along from a page, a mail, a list or another keyboard.
UNSEEN = [
    *("ZERO WIDTH SPACE", "ZERO WIDTH NON-JOINER", "ZERO WIDTH JOINER", "WORD JOINER"),
    *("ZERO WIDTH NO-BREAK SPACE", "SOFT HYPHEN", "MONGOLIAN VOWEL SEPARATOR"),
    *("LEFT-TO-RIGHT MARK", "RIGHT-TO-LEFT MARK", "ARABIC LETTER MARK"),
    *("LEFT-TO-RIGHT EMBEDDING", "POP DIRECTIONAL FORMATTING", "RIGHT-TO-LEFT OVERRIDE"),
    *("LEFT-TO-RIGHT ISOLATE", "FIRST STRONG ISOLATE", "POP DIRECTIONAL ISOLATE"),
    *("INVISIBLE SEPARATOR", "COMBINING GRAPHEME JOINER", "HANGUL FILLER"),
    *("HALFWIDTH HANGUL FILLER", "BRAILLE PATTERN BLANK", "VARIATION SELECTOR-16"),
    *("TAG SPACE", "INTERLINEAR ANNOTATION ANCHOR"),
]
DASHES = [
    *("HYPHEN", "NON-BREAKING HYPHEN", "FIGURE DASH", "EN DASH", "EM DASH", "HORIZONTAL BAR"),
    *("MINUS SIGN", "SMALL HYPHEN-MINUS", "FULLWIDTH HYPHEN-MINUS", "SMALL EM DASH"),
    *("HYPHEN BULLET", "MODIFIER LETTER MINUS SIGN", "TWO-EM DASH", "ARMENIAN HYPHEN"),
]
SPACES = [
    *("NO-BREAK SPACE", "NARROW NO-BREAK SPACE", "THIN SPACE", "EM SPACE", "FIGURE SPACE"),
    *("IDEOGRAPHIC SPACE", "OGHAM SPACE MARK", "LINE SEPARATOR", "MEDIUM MATHEMATICAL SPACE"),
]
APOSTROPHES = [
    *("RIGHT SINGLE QUOTATION MARK", "LEFT SINGLE QUOTATION MARK", "MODIFIER LETTER APOSTROPHE"),
    *("PRIME", "ACUTE ACCENT", "FULLWIDTH APOSTROPHE", "SINGLE HIGH-REVERSED-9 QUOTATION MARK"),
]


@pytest.mark.parametrize("name", UNSEEN)
def test_what_nobody_sees_is_not_there(name: str) -> None:
    sign = unicodedata.lookup(name)
    assert clean_text.code(f"{sign}123{sign}456{sign}") == "123456"
    assert clean_text.address(f"{sign}jane{sign}.doe@nhs.net{sign}") == "jane.doe@nhs.net"
    assert clean_text.line(f"{sign}Ja{sign}ne") == "Jane"


@pytest.mark.parametrize("name", DASHES)
def test_a_dash_is_a_dash(name: str) -> None:
    sign = unicodedata.lookup(name)
    assert clean_text.code(f"7KQM{sign}2XRW{sign}9TPD") == "7KQM2XRW9TPD"
    assert clean_text.address(f"mary{sign}ann@nhs.net") == "mary-ann@nhs.net"


@pytest.mark.parametrize("name", SPACES)
def test_a_space_is_a_space(name: str) -> None:
    sign = unicodedata.lookup(name)
    assert clean_text.code(f"{sign}123{sign}{sign}456{sign}") == "123456"
    assert clean_text.address(f"{sign}jane.doe{sign}@{sign}nhs.net{sign}") == "jane.doe@nhs.net"
    assert clean_text.line(f"Mary{sign}{sign}Ann{sign}") == "Mary Ann"


@pytest.mark.parametrize("name", APOSTROPHES)
def test_an_apostrophe_in_an_address_is_the_one_on_the_keyboard(name: str) -> None:
    assert clean_text.address(f"o{unicodedata.lookup(name)}neil@nhs.net") == "o'neil@nhs.net"


@pytest.mark.parametrize(
    "typed",
    [
        *("jane.doe@nhs.net", " Jane.Doe@NHS.net\n", "<jane.doe@nhs.net>", "jane.doe@nhs.net,"),
        *("mailto:jane.doe@nhs.net", "MAILTO:jane.doe@nhs.net?subject=Hello", "jane.doe@nhs.net."),
        *("Jane Doe <jane.doe@nhs.net>;", "DOE, Jane (MILL LANE - Y00123) <jane.doe@nhs.net>"),
        *(
            "'jane.doe@nhs.net'",
            "“jane.doe@nhs.net”",
            "(jane.doe@nhs.net)",
            "<mailto:jane.doe@nhs.net>",
        ),
        *("ｊａｎｅ．ｄｏｅ＠ｎｈｓ．ｎｅｔ", "jane.doe@nhs。net", "jane. doe @ nhs .net"),
    ],
)
def test_however_an_address_was_pasted_it_is_the_same(typed: str) -> None:
    assert fold_user_name(typed) == "jane.doe@nhs.net"


@pytest.mark.parametrize(
    "typed",
    [
        "jane doe@nhs.net",
        "a@nhs.net b@nhs.net",
        "<a@nhs.net>, <b@nhs.net>",
        "jаne.doe@nhs.net",
    ],  # Cyrillic
)
def test_what_may_be_another_person_s_is_not_guessed_at(typed: str) -> None:
    assert fold_user_name(typed) not in {"jane.doe@nhs.net", "janedoe@nhs.net", "a@nhs.net"}


def test_letters_of_a_name_stay_as_they_are_written_in_one_form() -> None:
    assert clean_text.line("Jose\u0301") == "Jos\u00e9"
    assert clean_text.line("O\u2019Neill \u2013 Ｂｒｏｗｎ") == "O\u2019Neill \u2013 Ｂｒｏｗｎ"
