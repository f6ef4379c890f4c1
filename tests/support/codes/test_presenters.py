"""What was measured, in words, with what to do about it."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from support.codes import presenters
from support.models.support_codes import SupportCode, WhoAsks

CLOCK, TEST = "Clock of the computer", "The connection test says"
NOW = datetime(2026, 8, 6, 8, 41, tzinfo=UTC)


def measured(**changes: Any) -> str:
    fine: dict[str, Any] = {"reached": 4, "clock_off_ms": 900, "latency_ms": 40, "spread_ms": 12}
    fine |= {"static_files": "whole", "sizes": "whole", "cookies": "kept", "tls": "https"}
    return json.dumps(fine | changes)


def made(**changes: Any) -> SupportCode:
    fine: dict[str, Any] = {
        "made_at": NOW,
        "page": "accounts:code",
        "said": "clock",
        "who_asks": WhoAsks.CODE,
        "address": "192.0.2.7",
        "browser": "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/131.0 Edg/131.0",
        "has_cookies": True,
        "has_scripts": True,
        "figures": measured(),
    }
    return SupportCode(**fine | changes)


def said_of(code: SupportCode) -> dict[str, str]:
    return {each.name: each.said for each in presenters.recorded(code)}


def test_what_is_fine_asks_for_nothing() -> None:
    assert said_of(made()) == {
        "Page": "/log-in/code/",
        "Its message, or its help": "What if the clock is wrong?",
        "Logged in?": "Logging in: the password was right, and a code is asked for",
        "Got the code at": "9:41am",
        "Browser": "Edge on Windows",
        "Browser, in full": "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/131.0 Edg/131.0",
        "Network address": "192.0.2.7",
        "Cookies": "Come back",
        "JavaScript": "Runs",
        "Clock of the computer": "Right",
        "Time for an answer": "40 ms, slow ones 12 ms more",
        "The connection test says": "Your computer reaches PharmRefer, quickly and steadily",
    }
    assert [each.advice for each in presenters.recorded(made()) if each.advice] == []


@pytest.mark.parametrize(
    ("changes", "name", "said", "advice"),
    [
        ({"has_cookies": False}, "Cookies", "Do not come back", "allow cookies"),
        ({"has_scripts": False}, "JavaScript", "Does not run", "works without it"),
        ({"figures": measured(clock_off_ms=240_000)}, CLOCK, "4 minutes fast", "Sync now"),
        ({"figures": measured(clock_off_ms=-40_000)}, CLOCK, "40 seconds slow", "Sync now"),
        ({"figures": measured(latency_ms=4_000)}, TEST, "4.0 seconds an answer", "local IT"),
        ({"figures": measured(spread_ms=4_000)}, TEST, "not steadily", "local IT"),
        ({"figures": measured(static_files="blocked")}, TEST, "blocks style sheets", "local IT"),
        ({"figures": measured(sizes="cut", cut_at=64_000)}, TEST, "(at 64 kB)", "local IT"),
        ({"figures": measured(tls="differs")}, TEST, "encrypted", "people who run PharmRefer"),
    ],
)
def test_what_is_wrong_says_what_to_do(changes: Any, name: str, said: str, advice: str) -> None:
    (wrong,) = [each for each in presenters.recorded(made(**changes)) if each.advice]
    assert wrong.name == name
    assert said in wrong.said
    assert advice in wrong.advice
    (to_do,) = presenters.what_to_do(presenters.recorded(made(**changes)))
    assert to_do.what.startswith(f"{name}: ")
    assert to_do.to_do == wrong.advice


def test_what_is_not_known_is_said() -> None:
    unknown = made(page="", said="", address=None, browser="", has_scripts=False, figures="")
    said = said_of(unknown)
    assert said["Page"] == "Not known"
    assert said["Its message, or its help"] == "Not known"
    assert said["Network address"] == "Unknown"
    assert said[CLOCK] == said["Connection"] == "Not measured"
    (wrong,) = [each for each in presenters.recorded(unknown) if each.advice]
    assert wrong.name == "JavaScript"


@pytest.mark.parametrize("off", [30_000, -30_000])
def test_a_clock_that_refuses_no_code_is_right(off: int) -> None:
    assert said_of(made(figures=measured(clock_off_ms=off)))[CLOCK] == "Right"


@pytest.mark.parametrize("figures", ['{"reached": -1}', '{"sizes": "torn"}'])
def test_figures_of_another_version_are_not_measured(figures: str) -> None:
    assert said_of(made(figures=figures))[CLOCK] == "Not measured"


def test_cookies_are_said_once() -> None:
    refused = made(has_cookies=False, figures=measured(cookies="refused"))
    (to_do,) = presenters.what_to_do(presenters.recorded(refused))
    assert to_do.what == "Cookies: do not come back"
