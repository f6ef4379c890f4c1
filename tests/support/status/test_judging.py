"""What follows from what was seen; what cannot be told is not known."""

from datetime import UTC, datetime, timedelta

import pytest

from support.status import judging
from support.status.judging import (
    EmailSeen,
    PharmacySystemSeen,
    SendingSeen,
    WebsiteSeen,
    WhatWasSeen,
)
from support.status.parts import EMAIL, SENDING, SYSTEM, WEBSITE, PartReading, Parts, PartState

NOW = datetime(2026, 11, 30, 9, 41, 7, tzinfo=UTC)
WELL = WebsiteSeen(200, 0.1)
HOST = "a.example"


def ago(**time: float) -> datetime:
    return NOW - timedelta(**time)


def judged(
    *,
    website: WebsiteSeen = WELL,
    sending: SendingSeen | None = None,
    email: EmailSeen | None = None,
    system: PharmacySystemSeen | None = None,
    before: Parts | None = None,
) -> Parts:
    seen = WhatWasSeen(
        website,
        sending or SendingSeen(),
        email or EmailSeen(),
        {HOST: system or PharmacySystemSeen()},
    )
    return judging.judge(seen, before or {}, before or {}, NOW)


def was(state: PartState, worked_at: datetime | None = None) -> PartReading:
    return PartReading(state=state, since=ago(minutes=2), worked_at=worked_at)


def test_what_nothing_is_heard_of_is_not_known() -> None:
    found = judged(website=WebsiteSeen(None, 0.1))
    assert {part.state for part in found.values()} == {PartState.NOT_KNOWN}


@pytest.mark.parametrize(
    ("seen", "reached", "state"),
    [
        (WELL, None, PartState.WORKING),
        (WebsiteSeen(200, 2.5), None, PartState.SLOW),
        (WebsiteSeen(503, 0.1), None, PartState.NOT_WORKING),
        (WebsiteSeen(301, 0.1), None, PartState.NOT_WORKING),
        (WebsiteSeen(None, 5.0), None, PartState.NOT_KNOWN),  # perhaps not to be asked from here
        (WebsiteSeen(None, 5.0), ago(minutes=1), PartState.NOT_WORKING),
        (WebsiteSeen(None, 5.0), ago(days=2), PartState.NOT_KNOWN),
    ],
)
def test_the_website(seen: WebsiteSeen, reached: datetime | None, state: PartState) -> None:
    before = {WEBSITE: PartReading(state=PartState.WORKING, since=NOW, worked_at=reached)}
    assert judged(website=seen, before=before)[WEBSITE].state is state


@pytest.mark.parametrize(
    ("untaken", "sign", "state"),
    [
        (0.0, ago(seconds=20), PartState.WORKING),
        (59.0, ago(seconds=20), PartState.WORKING),
        (61.0, ago(seconds=20), PartState.SLOW),
        (181.0, ago(seconds=20), PartState.NOT_WORKING),
        (181.0, None, PartState.NOT_WORKING),
        (0.0, ago(minutes=4), PartState.SLOW),  # the rescuer sends, after two minutes
        (0.0, None, PartState.NOT_KNOWN),
    ],
)
def test_sending(untaken: float, sign: datetime | None, state: PartState) -> None:
    assert judged(sending=SendingSeen(untaken, sign))[SENDING].state is state


@pytest.mark.parametrize(
    ("seen", "state"),
    [
        (EmailSeen(sent_at=ago(minutes=59)), PartState.WORKING),
        (EmailSeen(sent_at=ago(minutes=61)), PartState.NOT_KNOWN),
        (EmailSeen(waiting=91, sent_at=ago(minutes=1)), PartState.SLOW),
        (EmailSeen(waiting=301, sent_at=ago(minutes=1)), PartState.NOT_WORKING),
        (EmailSeen(unanswered=1, most_tries=1), PartState.SLOW),
        (EmailSeen(unanswered=1, most_tries=3), PartState.NOT_WORKING),
        # One that waits for its turn since it failed, while others go out.
        (EmailSeen(unanswered=1, most_tries=3, sent_at=ago(minutes=4)), PartState.SLOW),
        # What one mailbox does not want says nothing of our server, what three do not want does.
        (EmailSeen(refused=1, most_tries=9, sent_at=ago(minutes=1)), PartState.WORKING),
        (EmailSeen(refused=3, most_tries=9), PartState.NOT_WORKING),
    ],
)
def test_email(seen: EmailSeen, state: PartState) -> None:
    assert judged(email=seen)[EMAIL].state is state


@pytest.mark.parametrize(
    ("seen", "state"),
    [
        (PharmacySystemSeen(9, 0, 20, 0, 0.4, ago(minutes=1)), PartState.WORKING),
        (PharmacySystemSeen(9, 2, 20, 5, 0.4, ago(minutes=1)), PartState.WORKING),
        (PharmacySystemSeen(8, 2, 20, 5, 0.4, ago(minutes=1)), PartState.SLOW),
        (PharmacySystemSeen(9, 0, 20, 0, 3.4, ago(minutes=1)), PartState.SLOW),
        (PharmacySystemSeen(1, 1, 0, 1, None, None), PartState.SLOW),
        (PharmacySystemSeen(1, 1, 0, 3, None, None), PartState.NOT_WORKING),
        # Nobody else has tried: it may be the fault of that one pharmacy.
        (PharmacySystemSeen(1, 1, 0, 3, None, None, pharmacies=300), PartState.SLOW),
        (PharmacySystemSeen(2, 2, 0, 3, None, None, pharmacies=300), PartState.NOT_WORKING),
        (PharmacySystemSeen(1, 1, 5, 3, 0.4, ago(minutes=9)), PartState.SLOW),
        (PharmacySystemSeen(0, 0, 0, 0, 12.0, None), PartState.SLOW),  # it lets all wait
    ],
)
def test_a_pharmacy_system(seen: PharmacySystemSeen, state: PartState) -> None:
    assert judged(system=seen)[SYSTEM + HOST].state is state


@pytest.mark.parametrize(
    ("before", "state"),
    [
        (was(PartState.WORKING, worked_at=ago(minutes=30)), PartState.WORKING),
        (was(PartState.WORKING, worked_at=ago(minutes=61)), PartState.NOT_KNOWN),
        (was(PartState.NOT_WORKING), PartState.NOT_KNOWN),  # nobody has tried since
    ],
)
def test_one_that_nothing_was_sent_to_is_known_for_an_hour(
    before: PartReading, state: PartState
) -> None:
    assert judged(before={SYSTEM + HOST: before})[SYSTEM + HOST].state is state


def test_one_that_was_down_is_so_until_it_accepts_something() -> None:
    seldom = PharmacySystemSeen(1, 1, 0, 1)  # attempts are rare by now
    before = {SYSTEM + HOST: was(PartState.NOT_WORKING)}
    assert judged(system=seldom, before=before)[SYSTEM + HOST].state is PartState.NOT_WORKING


def test_a_state_is_as_old_as_the_first_reading_of_it() -> None:
    before = {WEBSITE: was(PartState.WORKING), EMAIL: was(PartState.WORKING)}
    found = judged(before=before)
    assert found[WEBSITE].since == ago(minutes=2)
    assert found[EMAIL].since == NOW


def test_a_system_keeps_its_number_and_a_new_one_gets_another() -> None:
    seen = {host: PharmacySystemSeen() for host in ("b.example", "c.example", "a.example")}
    before = {SYSTEM + "a.example": PartReading(state=PartState.WORKING, since=NOW, number=2)}
    found = judging.judge(WhatWasSeen(WELL, systems=seen), before, before, NOW)
    numbers = {name.removeprefix(SYSTEM): part.number for name, part in found.items()}
    assert [numbers[host] for host in ("a.example", "b.example", "c.example")] == [2, 1, 3]
