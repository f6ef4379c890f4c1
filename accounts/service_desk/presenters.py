"""Accounts, practices and cases as the service desk's pages show them."""

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from django.utils import timezone

from accounts.models.audit import AuditEvent, seconds_off
from accounts.models.cases import Case, CaseKind, CaseState
from accounts.models.people import Membership, Practice, User
from accounts.models.practice_people import AccountStatus
from accounts.people.account_rules import APART
from accounts.people.presenters import COLOURS
from accounts.roles import Role
from accounts.sign_in.presenters import Happening, happening
from accounts.text import phones
from accounts.wording import day_and_time, in_a_sentence, written_date

AN_OPERATOR = "An operator, at a console"


@dataclass(frozen=True)
class Account:
    status: AccountStatus
    colour: str
    last_log_in: str
    workplaces: list[str]


def status_of(user: User, live: list[Membership]) -> AccountStatus:
    if not user.is_active or not live:
        return AccountStatus.OFF  # also while they are only asked to join somewhere
    if user.locked_at:
        return AccountStatus.LOCKED
    return AccountStatus.ACTIVE if user.last_login else AccountStatus.INVITED


def account(user: User, live: list[Membership], *, now: datetime) -> Account:
    """``live`` are the user's live memberships, home first."""
    status = status_of(user, live)
    return Account(
        status=status,
        colour=COLOURS[status],
        last_log_in=day_and_time(user.last_login, now=now) if user.last_login else "Never",
        workplaces=[_workplace(each) for each in live],
    )


def _workplace(membership: Membership) -> str:
    role = Role(membership.role).label
    if membership.practice is None:
        return role
    return f"{membership.practice.name} ({membership.practice.ods_code}): {role}"


class OnRecord(NamedTuple):
    """On what number a practice is called back, and whether to be careful about it."""

    phone: str
    is_new: bool
    since: str  # where it is new
    is_override: bool
    has_closed: bool


def on_record(practice: Practice, *, now: datetime) -> OnRecord:
    since = practice.phone_changed_on
    return OnRecord(
        phone=phones.shown(practice.phone_on_record),
        is_new=practice.has_new_phone(today=timezone.localdate(now)),
        since=written_date(since) if since else "",
        is_override=bool(practice.phone_override),
        has_closed=practice.is_closed(today=timezone.localdate(now)),
    )


def refused(event: AuditEvent, *, now: datetime) -> Happening:
    """With how fast or slow the user's clock is, where that was the reason."""
    said, seconds = happening(event, now=now), seconds_off(event.reason)
    if seconds is None:
        return said
    minutes = max(1, round(abs(seconds) / 60))
    off = f"{minutes} minute{'' if minutes == 1 else 's'} {'fast' if seconds > 0 else 'slow'}"
    what = f"{said.what}: the clock of their device is about {off}"
    return Happening(what, said.when, said.where)


STATE_COLOURS: dict[str, str] = {
    CaseState.DONE: "green",
    CaseState.REFUSED: "grey",
    CaseState.WITHDRAWN: "grey",
    CaseState.DISPUTED: "red",
}


@dataclass(frozen=True)
class CaseRow:
    number: int
    what: str
    who: str
    practice: str
    state: str
    colour: str
    opened: str
    opened_by: str
    next_step: str
    is_waiting: bool
    is_ready: bool
    warnings: list[str]


def case(found: Case, *, now: datetime) -> CaseRow:
    state, colour = state_of(found, now=now)
    return CaseRow(
        number=found.pk,
        what=CaseKind(found.kind).label,
        who=found.who,
        practice=found.practice.name if found.practice else "Service desk",
        state=state,
        colour=colour,
        opened=day_and_time(found.opened_at, now=now),
        opened_by=found.by.full_name if found.by else AN_OPERATOR,
        next_step=_next_step(found, now=now) if found.is_waiting(now=now) else "",
        is_waiting=found.is_waiting(now=now),
        is_ready=found.is_ready(now=now),
        warnings=warnings(found.person, now=now) if found.person else [],
    )


def state_of(found: Case, *, now: datetime) -> tuple[str, str]:
    if found.state == CaseState.WAITING:
        if not found.is_waiting(now=now):
            return "Expired", "grey"
        if found.is_approved:
            return "Approved", "blue"
        if found.is_ready(now=now):
            return "Ready", "blue"
        return "Waiting for approval", "yellow"
    if found.state == CaseState.DISPUTED and found.done_at:
        return "Done, then reported: it was not them", "red"
    return CaseState(found.state).label, STATE_COLOURS[found.state]


def warnings(person: User, *, now: datetime) -> list[str]:
    """What a member should know before they help the user."""
    moved_at = person.email_changed_at
    if moved_at is None or now - moved_at >= APART:
        return []
    when = in_a_sentence(moved_at, now=now)
    return [f"The email address was changed {when}. Before that it was {person.email_before}."]


def _next_step(found: Case, *, now: datetime) -> str:
    if found.is_ready(now=now):
        return "Call them back and carry it out"
    if found.ready_at:
        when = in_a_sentence(found.ready_at, now=now)
        return f"Waiting for a colleague to approve. Without approval it can go ahead {when}"
    return "Waiting for a colleague to approve"
