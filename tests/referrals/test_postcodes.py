"""Postcodes, as people type them."""

import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from referrals import postcodes
from referrals.models.postcodes import key
from referrals.postcodes import NotAPostcodeError


@pytest.mark.parametrize(
    ("typed", "postcode"),
    [
        ("ts18 1hu", "TS18 1HU"),
        (" ts181 hu ", "TS18 1HU"),
        *[
            (f"TS18 1HU{after}", "TS18 1HU")
            for after in (".", ",", ", UK", " UK", ", U.K.", " (UK)", ", England", ", GB")
        ],
        *[(f"TS18{between}1HU", "TS18 1HU") for between in "-.\u2013\u2011\u00a0\u200b"],
        ("ＴＳ１８ １ＨＵ", "TS18 1HU"),
        ("TS18 OHU", "TS18 0HU"),  # O and I where only a digit can stand
        ("TSI8 IHU", "TS18 1HU"),
        ("BLO OAA", "BL0 0AA"),
        ("L1O 1AA", "L10 1AA"),
        ("0X1 2JD", "OX1 2JD"),
        ("S014 1AB", "SO14 1AB"),
        # Each shape that there is.
        *[(each, each) for each in ("M1 1AE", "B33 8TH", "CR2 6XH", "DN55 1PT", "W1A 1HQ")],
        *[(each, each) for each in ("EC1A 1BB", "SW1A 2AA", "BF1 4AA", "E1 1GB", "JE2 3AB")],
        ("zz993vz", "ZZ99 3VZ"),
        ("ZZ99 3CZ", "ZZ99 3CZ"),
    ],
)
def test_it_is_understood(typed: str, postcode: str) -> None:
    assert postcodes.clean(typed) == postcode


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        *((each, True) for each in ("LE1", "M1", "SW1A", "E17", "BL0")),
        *((each, False) for each in ("LE", "QQ1", "LE01", "LE1Z", "LE123", "LE1 5WW", "")),
    ],
)
def test_a_district_is_known(text: str, is_one: bool) -> None:
    assert postcodes.is_district(text) is is_one


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        *[
            (odd, "Enter a full UK postcode, like SW1A 2AA")
            for odd in ("", "TS18", "Westmere", "TS18 1HUX", "TS018 1HU", "٥S18 1HU", "75001")
        ],
        ("QQ1 1AA", "No postcode begins with QQ. Check it"),
        ("QQ1 1AA UK", "No postcode begins with QQ. Check it"),
        # With its country it could be LI1A 0GB, which nobody means.
        (
            "L1 1AO GB",
            "No postcode ends in AO: its last two letters are never C, I, K, M, O or V. Check it",
        ),
        ("WM1 2AB", "No postcode begins with WM. Check it"),
        ("TS1Z 1AA", "There is no postcode TS1Z. Check it"),
        ("W01 1AA", "There is no postcode W01. Check it"),
        *[
            (
                f"TS18 1{unit}{after}",
                (
                    f"No postcode ends in {unit}: its last two letters are never C, I, K, M, O or "
                    "V. Check it"
                ),
            )
            for unit in ("HC", "IH", "KA", "HM", "OH", "VV")
            for after in ("", ", England")
        ],
    ],
)
def test_it_is_refused(typed: str, sentence: str) -> None:
    with pytest.raises(NotAPostcodeError) as refused:
        postcodes.clean(typed)
    assert str(refused.value) == sentence


_SHAPED = some.from_regex("[A-Za-z0-9]{1,2}[0-9OIL][0-9A-Z]? ?[0-9OIL][A-Z0-9]{2}", fullmatch=True)
_COUNTRIES = some.sampled_from(["", " UK", ", England", " (GB)", ". U.K.", "-Great Britain"])


@given(some.text() | some.builds("{}{}".format, _SHAPED, _COUNTRIES))
@settings(database=None, deadline=None)
def test_no_text_whatever_fails_otherwise(typed: str) -> None:
    understood = ""
    with contextlib.suppress(NotAPostcodeError):
        understood = postcodes.clean(typed)
        assert postcodes.clean(understood) == understood
    assert key(typed) == understood.replace(" ", "")
    assert not understood or postcodes.is_district(understood.partition(" ")[0])
    assert not postcodes.is_district(typed) or typed.isalnum()
