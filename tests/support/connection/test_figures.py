"""What a script may say that it measured, and what nobody believes."""

import pytest

from support.connection import figures
from support.connection.figures import Arrival, CookieState, Encryption, Figures

MEASURED = {
    "reached": "11",
    "failures": "1",
    "latency_ms": "45",
    "spread_ms": "12",
    "clock_off_ms": "-240000",
    "cookies": "kept",
    "tls": "https",
    "static_files": "whole",
    "sizes": "cut",
    "cut_at": "65536",
    "upload": "whole",
    "headers": "changed",
    "protocol": "http/1.1",
}


def test_everything_is_read() -> None:
    assert figures.read(MEASURED) == Figures(
        reached=11,
        failures=1,
        latency_ms=45,
        spread_ms=12,
        clock_off_ms=-240_000,
        cookies=CookieState.KEPT,
        tls=Encryption.HTTPS,
        static_files=Arrival.WHOLE,
        sizes=Arrival.CUT,
        cut_at=65_536,
        upload=Arrival.WHOLE,
        headers=Arrival.CHANGED,
        protocol="http/1.1",
    )


def test_what_was_not_measured_may_be_left_out() -> None:
    assert figures.read({"reached": "0", "failures": "2"}) == Figures(failures=2)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("reached", "-1"),
        ("reached", "101"),
        ("reached", "1.5"),
        ("reached", "\u0663"),
        ("reached", ""),
        ("latency_ms", "NaN"),
        ("latency_ms", "9" * 400),
        ("latency_ms", "600001"),
        ("clock_off_ms", "1e400"),
        ("clock_off_ms", "99999999999999"),
        ("cookies", "some"),
        ("tls", "\x00"),
        ("sizes", "WHOLE"),
        ("cut_at", "10000001"),
        ("protocol", "<b>"),
        ("protocol", "h2\n"),
        ("protocol", "h" * 21),
    ],
)
def test_whatever_is_odd_is_not_believed(name: str, value: str) -> None:
    assert figures.read(MEASURED | {name: value}) is None


def test_without_a_try_nothing_was_measured() -> None:
    assert figures.read({}) is None
    assert figures.read({"cookies": "kept"}) is None
