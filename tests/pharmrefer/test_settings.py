"""The real start of the real command line under wrong settings: one sentence, and no traceback."""

import os
import subprocess
import sys

import pytest

from pharmrefer.local import ROOT


def start(command: str = "check", **changes: str | None) -> "subprocess.CompletedProcess[str]":
    """Run a manage.py command with the test run's environment and ``changes`` (None unsets)."""
    wanted: dict[str, str | None] = {**os.environ, **changes}
    return subprocess.run(
        [sys.executable, "manage.py", command],
        cwd=ROOT,
        env={name: text for name, text in wanted.items() if text is not None},
        check=False,
        capture_output=True,
        text=True,
    )


@pytest.mark.parametrize(
    "name",
    ["SECRET_KEY", "FIELD_KEYS", "PUBLIC_URL", "DATABASE_URL", "EMAIL_URL", "EMAIL_FROM"],
)
def test_a_missing_setting_stops_the_start_with_one_sentence(name: str) -> None:
    stopped = start("check", **{name: None})
    assert stopped.returncode == 1
    (sentence,) = stopped.stderr.strip().splitlines()
    assert sentence.startswith(f"pharmrefer: {name} is not set")


def test_one_role_for_both_jobs_stops_the_start() -> None:
    stopped = start(DATABASE_OWNER_URL=os.environ["DATABASE_URL"])
    assert stopped.returncode == 1
    assert "name the same role" in stopped.stderr
    assert "Traceback" not in stopped.stderr


def test_migrating_without_the_owners_url_says_which_setting_is_missing() -> None:
    stopped = start("migrate", DATABASE_OWNER_URL=None)
    assert stopped.returncode == 1
    assert stopped.stderr.startswith("CommandError: DATABASE_OWNER_URL is not set")


def test_the_good_settings_start() -> None:
    assert start().returncode == 0


RETIRED = ("SERVICE_DESK_PHONE", "SERVICE_DESK_EMAIL", "SERVICE_DESK_HOURS")


@pytest.mark.parametrize("name", [*RETIRED, "SERVICE_DESK_PHONE_FILE"])
def test_a_setting_that_is_none_any_more_says_where_its_value_belongs_now(name: str) -> None:
    stopped = start(**{name: "01632 960400"})
    assert stopped.returncode == 1
    setting = name.removesuffix("_FILE")
    assert stopped.stderr.startswith(f"pharmrefer: {setting} is no longer a setting: unset it")
    assert "/region/" in stopped.stderr
    assert "manage.py load_region" in stopped.stderr


def test_it_may_still_be_there_without_a_value() -> None:
    assert start(**dict.fromkeys(RETIRED, "")).returncode == 0


@pytest.mark.parametrize(
    ("lock", "idle", "longest"), [("2", "60", "720"), ("30", "29", "720"), ("15", "60", "59")]
)
def test_time_outs_that_contradict_each_other_stop_the_start(
    lock: str, idle: str, longest: str
) -> None:
    stopped = start(
        SESSION_LOCK_MINUTES=lock, SESSION_IDLE_MINUTES=idle, SESSION_LONGEST_MINUTES=longest
    )
    assert stopped.returncode == 1
    assert "SESSION_LOCK_MINUTES, SESSION_IDLE_MINUTES and" in stopped.stderr
    assert "Traceback" not in stopped.stderr
