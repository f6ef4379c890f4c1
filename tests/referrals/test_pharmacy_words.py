import pytest

from referrals import pharmacy_words
from referrals.pharmacy_words import BEGINNING, INSIDE, LESS, NAMED, WHOLE


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
        # O for 0, and spaces where none belong.
        ("LE2 OTA", (), "LE20TA"),
        ("well le2ota", ("WELL",), "LE20TA"),
        ("LE 2 0TA", (), "LE20TA"),
        ("e 17 3ab", (), "E173AB"),
        ("unit b2 5 le1 5ww", ("UNIT", "B2", "5"), "LE15WW"),
        # None is whole.
        ("co 9 high", ("CO9", "HIGH"), ""),
        ("qq2 old road", ("QQ2", "OLD", "ROAD"), ""),
        ("FA660 DR Pharmacy", ("FA660", "DR"), ""),
    ],
)
def test_a_whole_postcode_is_where_to_measure_from(
    typed: str, words: tuple[str, ...], postcode: str
) -> None:
    read = pharmacy_words.read(typed)
    assert (read.words, read.postcode, read.sector) == (words, postcode, "")


@pytest.mark.parametrize(
    ("typed", "words", "sector"),
    [
        ("le1 5", (), "LE1 5"),
        ("le1 5w", (), "LE1 5"),
        ("LE15W", (), "LE1 5"),
        ("le 2 0", (), "LE2 0"),
        ("boots le 2 0t", ("BOOTS",), "LE2 0"),
        ("sw1a 2 boots", ("BOOTS",), "SW1A 2"),
        ("le15", ("LE15",), ""),
        ("le1 55", ("LE1", "55"), ""),
    ],
)
def test_a_postcode_on_its_way_has_a_sector(
    typed: str, words: tuple[str, ...], sector: str
) -> None:
    read = pharmacy_words.read(typed)
    assert (read.words, read.postcode, read.sector) == (words, "", sector)
    assert read.district == sector[:-2]


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("le 1", ("LE1",)),
        ("boots le 12", ("BOOTS", "LE12")),
        ("le 2 boots", ("LE2", "BOOTS")),
        # Companies, streets and areas that there are not.
        ("frost co 9 high street", ("FROST", "CO", "9", "HIGH", "STREET")),
        ("high st 4", ("HIGH", "4")),
        ("smith nr 4", ("SMITH", "NR4")),
        ("smith qq 4", ("SMITH", "QQ", "4")),
        ("le 01", ("LE", "01")),
        ("fe 682", ("FE682",)),
        ("well fxk 07", ("WELL", "FXK07")),
        ("fe 68", ("FE", "68")),
    ],
)
def test_districts_and_codes_may_have_a_space_in_them(typed: str, words: tuple[str, ...]) -> None:
    assert pharmacy_words.read(typed).words == words


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("st peters", (" ST PETERS", " SAINT PETERS")),
        ("Saint Peters, Leicester", (" ST PETERS", " SAINT PETERS")),
        ("high st", (" HIGH ST",)),
        ("high st leicester", (" ST LEICESTER", " SAINT LEICESTER", " HIGH ST")),
        ("boots le1 5", (" LE1 5",)),
        ("peters", ()),
    ],
)
def test_a_saint_a_street_and_a_sector_say_what_comes_first(
    typed: str, first: tuple[str, ...]
) -> None:
    assert pharmacy_words.read(typed).first == first


@pytest.mark.parametrize(
    ("word", "ways"),
    [
        ("LE1", [(" LE1 ", WHOLE), (" LE1", BEGINNING)]),
        ("HIG", [(" HIG ", WHOLE), (" HIG", BEGINNING), ("HIG", INSIDE)]),
        (
            "RD",
            [(" RD ", WHOLE), (" ROAD ", WHOLE), (" RD", BEGINNING), ("RD", INSIDE)],
        ),
        (
            "TESCOS",
            [
                (" TESCOSPHARMACY ", NAMED),
                (" TESCOS ", WHOLE),
                (" TESCO ", LESS),
                (" TESCOS", BEGINNING),
                ("TESCOS", INSIDE),
            ],
        ),
        (
            "WELL",
            [(" WELLPHARMACY ", NAMED), (" WELL ", WHOLE), (" WELL", BEGINNING), ("WELL", INSIDE)],
        ),
        ("BUS", [(" BUS ", WHOLE), (" BUS", BEGINNING), ("BUS", INSIDE)]),
    ],
)
def test_a_word_is_looked_for_in_more_than_one_way(word: str, ways: list[tuple[str, int]]) -> None:
    assert list(pharmacy_words.ways(word)) == ways


@pytest.mark.parametrize(("typed", "is_empty"), [("", True), ("%", True), ("pharmacy", False)])
def test_signs_alone_are_no_search(typed: str, is_empty: bool) -> None:
    assert pharmacy_words.read(typed).is_empty is is_empty
