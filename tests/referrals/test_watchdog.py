"""A process that shows nothing of its work for 90 seconds ends; one that is busy does not."""

import logging
from pathlib import Path

import pytest
from django.test import override_settings

from referrals import watchdog
from referrals.watchdog import MOST_UNHEARD, Watchdog


@pytest.fixture
def ended() -> list[str]:
    return []


@pytest.fixture
def dog(ended: list[str]) -> Watchdog:
    """One whose questions reach nobody."""
    made = Watchdog(end=lambda: ended.append("ended"))
    made.ask = lambda: None
    return made


def test_after_90_seconds_of_silence_the_process_ends(
    dog: Watchdog, ended: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    assert MOST_UNHEARD * watchdog.EVERY == 90
    for _ in range(MOST_UNHEARD):
        dog.look()
    assert ended == []
    dog.look()
    assert ended == ["ended"]
    assert caplog.records[-1].levelno == logging.CRITICAL


def test_one_answer_begins_the_count_again(dog: Watchdog, ended: list[str], tmp_path: Path) -> None:
    with override_settings(HEALTH_FILE=tmp_path / "health"):
        for _ in range(3):
            for _ in range(MOST_UNHEARD):
                dog.look()
            dog.heard()
    assert ended == []
    assert (tmp_path / "health").exists()


def test_a_broker_that_cannot_be_asked_is_no_reason_to_end(dog: Watchdog, ended: list[str]) -> None:
    def away() -> None:
        raise ConnectionError

    dog.ask = away
    for _ in range(3 * MOST_UNHEARD):
        dog.look()
    assert ended == []
