"""What figures mean, in words for those who have the trouble."""

from typing import Any

import pytest
from msgspec import structs

from support.connection.figures import Arrival, CookieState, Encryption, Figures
from support.connection.verdicts import (
    ALL_IS_WELL,
    NOT_TESTED,
    Helper,
    judge,
    pharmacies_say,
    time_off,
)

GOOD = Figures(
    reached=12,
    latency_ms=45,
    spread_ms=12,
    clock_off_ms=400,
    cookies=CookieState.KEPT,
    tls=Encryption.HTTPS,
    static_files=Arrival.WHOLE,
    sizes=Arrival.WHOLE,
    upload=Arrival.WHOLE,
    headers=Arrival.WHOLE,
    protocol="h2",
)
NO_TROUBLE: list[dict[str, Any]] = [
    {},
    {"latency_ms": 499, "spread_ms": 999},
    {"clock_off_ms": 30_000},
    {"clock_off_ms": -30_000},
    {"tls": Encryption.HTTP},  # make run; elsewhere PharmRefer leads to https
    {
        "cookies": CookieState.UNKNOWN,
        "static_files": Arrival.UNKNOWN,
        "sizes": Arrival.UNKNOWN,
        "upload": Arrival.UNKNOWN,
        "headers": Arrival.UNKNOWN,
    },
]
BETWEEN = "Something between your computer and PharmRefer"
TROUBLES: list[tuple[dict[str, Any], str]] = [
    (
        {"reached": 9, "failures": 3},
        "Your computer reaches PharmRefer, but not every time: 3 of 12 tries had no answer.",
    ),
    (
        {"reached": 0, "failures": 2, "latency_ms": None, "spread_ms": None},
        f"{BETWEEN} blocks this test: none of 2 tries had an answer.",
    ),
    (
        {"latency_ms": 1_234},
        "Your computer reaches PharmRefer, but slowly: 1.2 seconds an answer.",
    ),
    (
        {"latency_ms": 500},
        "Your computer reaches PharmRefer, but slowly: 0.5 seconds an answer.",
    ),
    (
        {"spread_ms": 1_000},
        (
            "Your computer reaches PharmRefer, but not steadily: "
            "some answers take 1.0 seconds longer than others."
        ),
    ),
    (
        {"sizes": Arrival.CUT, "cut_at": 65_536},
        f"{BETWEEN} cuts long answers (at 65 kB). Pages can be incomplete.",
    ),
    ({"sizes": Arrival.CUT}, f"{BETWEEN} cuts long answers. Pages can be incomplete."),
    ({"sizes": Arrival.CHANGED}, f"{BETWEEN} changes answers on their way."),
    ({"sizes": Arrival.BLOCKED}, f"{BETWEEN} blocks long answers. Some pages may not open."),
    *(
        (
            {"static_files": arrival},
            (
                f"{BETWEEN} {does} style sheets or scripts. "
                "Pages can look wrong, and buttons may not work."
            ),
        )
        for arrival, does in (
            (Arrival.BLOCKED, "blocks"),
            (Arrival.CUT, "changes"),
            (Arrival.CHANGED, "changes"),
        )
    ),
    *(
        ({"upload": arrival}, f"{BETWEEN} cuts, changes or blocks what your computer sends.")
        for arrival in (Arrival.CUT, Arrival.CHANGED, Arrival.BLOCKED)
    ),
    (
        {"headers": Arrival.CHANGED},
        f"{BETWEEN} takes away headers that protect PharmRefer's pages.",
    ),
    (
        {"cookies": CookieState.REFUSED},
        "Your browser does not keep PharmRefer's cookies. You cannot log in without them.",
    ),
    (
        {"clock_off_ms": 240_000},
        "The clock of this computer is 4 minutes fast: codes from 2FAST on it are refused.",
    ),
    (
        {"clock_off_ms": 60_000},
        "The clock of this computer is 60 seconds fast: codes from 2FAST on it may be refused.",
    ),
    (
        {"clock_off_ms": -45_000},
        "The clock of this computer is 45 seconds slow: codes from 2FAST on it may be refused.",
    ),
]


@pytest.mark.parametrize("changed", NO_TROUBLE)
def test_where_nothing_is_wrong_it_says_so(changed: dict[str, Any]) -> None:
    (finding,) = judge(structs.replace(GOOD, **changed))
    assert (finding.sentence, finding.helper) == (ALL_IS_WELL, Helper.NOBODY)


@pytest.mark.parametrize(("changed", "sentence"), TROUBLES)
def test_each_cause_has_its_sentence(changed: dict[str, Any], sentence: str) -> None:
    (finding,) = judge(structs.replace(GOOD, **changed))
    assert (finding.sentence, finding.helper) == (sentence, Helper.LOCAL_IT)


def test_what_only_the_operator_can_mend_is_for_the_service_desk() -> None:
    (finding,) = judge(structs.replace(GOOD, tls=Encryption.DIFFERS))
    assert "do not agree whether the connection is encrypted" in finding.sentence
    assert finding.helper is Helper.SERVICE_DESK


def test_several_causes_are_all_said_and_what_hurts_most_comes_first() -> None:
    bad = structs.replace(
        GOOD, latency_ms=900, clock_off_ms=-(10**9), sizes=Arrival.CUT, headers=Arrival.CHANGED
    )
    said = [finding.sentence for finding in judge(bad)]
    assert len(said) == 4
    assert "cuts long answers" in said[0]
    assert "but slowly" in said[1]
    assert "12 days slow" in said[2]


def test_without_scripts_it_says_only_what_is_certain() -> None:
    (finding,) = judge(Figures(tls=Encryption.HTTPS))
    assert finding.sentence == NOT_TESTED
    (finding,) = judge(Figures(cookies=CookieState.REFUSED))
    assert "does not keep" in finding.sentence


@pytest.mark.parametrize(
    ("ms", "said"),
    [
        (1_000, "1 second fast"),
        (-89_000, "89 seconds slow"),
        (90_000, "2 minutes fast"),
        (-3_600_000, "60 minutes slow"),
        (3 * 3_600_000, "3 hours fast"),
        (48 * 3_600_000, "2 days fast"),
        (-(10**13), "115,741 days slow"),
    ],
)
def test_how_wrong_a_clock_is_can_be_said_aloud(ms: int, said: str) -> None:
    assert time_off(ms) == said


class TestPharmacies:
    """Where the connection is good, the pharmacies' side may still be what is slow."""

    @pytest.mark.parametrize(
        ("slow", "not_working", "said"),
        [
            ([], [], ""),
            (
                ["the pharmacy's system"],
                [],
                "The pharmacy's system is slow: it is not your connection.",
            ),
            (
                ["Cegedim", "Pharmacy system 2"],
                ["PharmOutcomes"],
                (
                    "PharmOutcomes does not work, Cegedim is slow and Pharmacy system 2 is slow: "
                    "it is not your connection."
                ),
            ),
        ],
    )
    def test_they_are_named(self, slow: list[str], not_working: list[str], said: str) -> None:
        found = pharmacies_say(slow=slow, not_working=not_working)
        assert found == (f"Your computer reaches PharmRefer. {said}" if said else "")

    def test_it_is_said_only_where_the_connection_is_good(self) -> None:
        slow = pharmacies_say(slow=["Cegedim"], not_working=[])
        assert judge(GOOD, of_pharmacies=slow)[0].sentence == slow
        bad = structs.replace(GOOD, latency_ms=900)
        assert slow not in [finding.sentence for finding in judge(bad, of_pharmacies=slow)]
        assert judge(Figures(), of_pharmacies=slow)[0].sentence == NOT_TESTED
