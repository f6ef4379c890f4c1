import pytest

from referrals import pharmacy_words


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("boots le1", ("BOOTS", "LE1")),
        ("Well Pharmacy Ltd", ("WELL",)),
        ("the  chemists", ()),
        ("Nightingale\u2019s, Mill-Lane", ("NIGHTINGALES", "MILL", "LANE")),
        ("St. Matthew's", ("MATTHEWS",)),
        ("lloydspharmacy", ("LLOYDS",)),
        ("Café Café", ("CAFE",)),
        ("%_\\", ()),
    ],
)
def test_words_that_say_nothing_do_not_count(typed: str, words: tuple[str, ...]) -> None:
    assert pharmacy_words.read(typed).words == words


@pytest.mark.parametrize(
    ("typed", "words", "postcode"),
    [
        ("LE1 5WW", (), "LE15WW"),
        ("boots le15ww", ("BOOTS",), "LE15WW"),
        ("sw1a 2aa boots", ("BOOTS",), "SW1A2AA"),
        ("le1 5", ("LE1", "5"), ""),
        ("le1 5w", ("LE1", "5W"), ""),
    ],
)
def test_a_whole_postcode_is_where_to_measure_from(
    typed: str, words: tuple[str, ...], postcode: str
) -> None:
    read = pharmacy_words.read(typed)
    assert (read.words, read.postcode) == (words, postcode)


def test_a_saint_is_known_in_both_spellings() -> None:
    assert {pharmacy_words.read(f"{st} peters leicester").saint for st in ("st", "Saint")} == {
        "PETERS"
    }
    assert not pharmacy_words.read("peters").saint


@pytest.mark.parametrize(("typed", "is_empty"), [("", True), ("%", True), ("pharmacy", False)])
def test_signs_alone_are_no_search(typed: str, is_empty: bool) -> None:
    assert pharmacy_words.read(typed).is_empty is is_empty
