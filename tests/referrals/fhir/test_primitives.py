"""Text and instants that any receiver can read."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from referrals.fhir import primitives


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("two\r\nlines", "two\nlines"),
        ("two\rlines", "two\nlines"),
        ("two\u2028lines\u2029three", "two\nlines\nthree"),
        ("a\ttab", "a\ttab"),
        ("nu\x00ll \x1b[31m", "null [31m"),
        ("half\ud800 a pair", "half a pair"),
        ("a\u00a0b\u2003c", "a b c"),
        ("  around \n", "around"),
        ("Łódź 李 محمد 👩‍👧", "Łódź 李 محمد 👩‍👧"),
        ("\x00\x01", ""),
    ],
)
def test_what_fhir_forbids_is_left_out_and_the_rest_kept(typed: str, said: str) -> None:
    assert primitives.paragraphs(typed) == said
    assert primitives.is_clean(said) == bool(said)


def test_a_line_is_one_line() -> None:
    assert primitives.line(" 17\tQuarry\r\nLane \x07") == "17 Quarry Lane"


@pytest.mark.parametrize(
    ("moment", "written"),
    [
        (datetime(2026, 11, 23, 9, 5, tzinfo=UTC), "2026-11-23T09:05:00.0000000+00:00"),
        (
            datetime(2026, 7, 1, 0, 30, 1, 123456, tzinfo=timezone(timedelta(hours=1))),
            "2026-06-30T23:30:01.1234560+00:00",
        ),
    ],
)
def test_an_instant_is_in_utc_with_seven_decimals(moment: datetime, written: str) -> None:
    assert primitives.instant(moment) == written


def test_a_time_without_its_zone_is_no_moment() -> None:
    with pytest.raises(ValueError, match="time zone"):
        primitives.instant(datetime(2026, 11, 23, 9, 5))  # noqa: DTZ001
