"""What the account page says of an event, and keeps to itself."""

from datetime import UTC, datetime
from typing import Any

import pytest

from accounts.models.audit import AuditEvent, Event, Factor
from accounts.sign_in.presenters import happening

NOW = datetime(2026, 11, 23, 9, 41, tzinfo=UTC)
EDGE = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/138.0.0.0 Safari/537.36 Edg/138.0.0.0"


def described(event: str, factor: str = "", reason: str = "", **others: Any) -> str:
    row = {"address": "192.0.2.7", "browser": EDGE, "person_id": 1} | others
    made = AuditEvent(at=NOW, event=event, factor=factor, reason=reason, **row)
    said = happening(made, now=NOW)
    return f"{said.what} | {said.when} | {said.where}"


@pytest.mark.parametrize(
    ("event", "factor", "reason", "words"),
    [
        ("session:began", "authenticator app", "", "Logged in with password and code"),
        ("session:began", "passkey", "", "Logged in with password and passkey"),
        ("session:confirmed", "authenticator app", "", "Confirmed with password and code"),
        ("session:ended", "", "logged out", "Logged out"),
        ("session:ended", "", "idle", "Logged out: PharmRefer was not used for a while"),
        ("session:ended", "", "elsewhere", "Logged out: from another browser, or after a change"),
        ("session:ended", "", "all others, by the person", "Logged out everywhere else"),
        ("session:ended", "", "elsewhere, by the person", "Logged out from another browser"),
        ("factor:accepted", "password", "", "Password accepted"),
        ("factor:accepted", "password", "to unlock", "Screen unlocked with the password"),
        ("factor:accepted", "password", "to confirm", "Password entered to confirm a change"),
        ("factor:refused", "password", "wrong", "Wrong password"),
        (
            "factor:refused",
            "password",
            "wrong, to unlock",
            "Wrong password entered to unlock the screen",
        ),
        (
            "factor:refused",
            "password",
            "wrong, to confirm",
            "Wrong password entered to confirm a change",
        ),
        ("factor:refused", "password", "stopped", "Not let in: the account is locked"),
        ("factor:refused", "authenticator app", "wrong", "Wrong code"),
        ("factor:refused", "authenticator app", "used", "Code already used"),
        ("factor:refused", "authenticator app", "clock +90 s", "Code expired or not valid yet"),
        ("factor:refused", "authenticator app", "too many", "Too many wrong codes in a row"),
        ("factor:refused", "activation code", "wrong, used or expired", "Wrong activation code"),
        ("authenticator:added", "", "", "Authenticator app added"),
        ("password:changed", "", "", "Password changed"),
    ],
)
def test_an_event_is_told_in_plain_english(
    event: str, factor: str, reason: str, words: str
) -> None:
    assert described(event, factor, reason) == f"{words} | 9:41am | Edge on Windows, 192.0.2.7"


@pytest.mark.parametrize("event", Event)
@pytest.mark.parametrize("factor", Factor)
def test_every_event_has_words(event: Event, factor: Factor) -> None:
    words = described(event, factor, "whatever")
    assert not words.startswith("Something changed")
    assert "whatever" not in words
    if factor:
        assert "proof" not in words


def test_an_event_of_a_later_version_is_no_error() -> None:
    assert described("moon:landed", "telepathy").startswith("Something changed | ")


def test_of_who_looks_after_logins_neither_name_nor_place_is_told() -> None:
    assert described("activation:issued", by_id=2).endswith("| By the service operator")
    at_a_console: dict[str, Any] = {"address": None, "browser": "manage.py, root"}
    assert described("person:unlocked", **at_a_console).endswith("By the service operator")


def test_a_browser_cannot_pass_for_them() -> None:
    assert described("session:began", browser="manage.py, root").endswith("| A browser, 192.0.2.7")
    assert described("session:began", address=None).endswith("Edge on Windows, unknown address")
    assert described("session:began", by_id=1).endswith("Edge on Windows, 192.0.2.7")
