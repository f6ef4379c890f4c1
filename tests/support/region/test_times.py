"""Times of day as people type them."""

from datetime import time

import pytest

from support.region import times
from support.region.times import NotATimeError


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("9am", time(9)),
        ("9 AM", time(9)),
        ("9.30 p.m.", time(21, 30)),
        ("12am", time(0)),
        ("12:15pm", time(12, 15)),
        ("13:05", time(13, 5)),
        ("13:05pm", time(13, 5)),
        ("0930", time(9, 30)),
        ("9:30", time(9, 30)),
        ("18", time(18)),
        ("0", time(0)),
        ("noon", time(12)),
        ("Midnight", time(0)),
        ("\uff11\uff18:\uff10\uff10", time(18)),
    ],
)
def test_a_time_is_understood(typed: str, meant: time) -> None:
    assert times.read(typed) == meant


@pytest.mark.parametrize(
    "typed", ["", "soon", "25:00", "9:75", "24:00", "9:3", "9am tomorrow", "1/2"]
)
def test_what_is_no_time_is_refused(typed: str) -> None:
    with pytest.raises(NotATimeError, match="Enter a time"):
        times.read(typed)


def test_which_half_of_the_day_is_asked_where_it_may_be_either() -> None:
    with pytest.raises(NotATimeError, match="Say whether it is 9am or 9pm"):
        times.read("9")
