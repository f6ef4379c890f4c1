"""A practice's people, offers, reviews and e-mails in plain English, ready to be shown."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from accounts.models.mail import Mail, Trouble
from accounts.models.people import Membership
from accounts.models.practice_people import AccountStatus
from accounts.models.reviews import REVIEW_EVERY, Confirmation, mark_of
from accounts.models.shared_logins import MOST_DAYS, MOST_HOURS, Dismissal, IndicatorKind
from accounts.roles import Role
from accounts.wording import day, day_and_time, in_a_sentence, written_date

NOT_SHOWN = "Shown once they accept"
COLOURS: dict[str, str] = {
    AccountStatus.INVITED: "yellow",
    AccountStatus.ACTIVE: "green",
    AccountStatus.LOCKED: "red",
    AccountStatus.WAITING: "yellow",
    AccountStatus.OFF: "grey",
}


@dataclass(frozen=True)
class Person:
    """A member, as their administrators see them."""

    number: int
    name: str
    user_name: str
    job_role: str
    role: str
    asked: str  # what they have not accepted yet
    account_status: AccountStatus
    colour: str
    has_authenticator: bool
    authenticator: str
    is_stranger: bool
    may_be_shared: bool
    last_log_in: str
    last_day: str
    off: str


def person(found: Any, *, now: datetime, may_be_shared: bool = False) -> Person:
    """``found`` is a row of ``people_of``.

    Of an account that was only added, nothing is shown that its owner has not agreed to.
    """
    user, account_status = found.user, AccountStatus(found.account_status)
    last = day_and_time(user.last_login, now=now) if user.last_login else "Never"
    has = "Set up" if found.has_authenticator else "Not set up"
    is_stranger = found.accepted_at is None
    wanted = Role(found.offered_role).label if found.offered_role else ""
    return Person(
        number=found.pk,
        name=user.full_name,
        user_name=user.email,
        job_role=user.job_role,
        role=wanted if account_status is AccountStatus.WAITING else Role(found.role).label,
        asked="" if account_status is AccountStatus.WAITING else wanted,
        account_status=account_status,
        colour=COLOURS[account_status],
        has_authenticator=found.has_authenticator,
        authenticator=NOT_SHOWN if is_stranger else has,
        is_stranger=is_stranger,
        may_be_shared=may_be_shared,
        last_log_in=NOT_SHOWN if is_stranger else last,
        last_day=written_date(found.ends_on) if found.ends_on else "",
        off=in_a_sentence(found.off_at, now=now) if found.off_at else "",
    )


@dataclass(frozen=True)
class Offered:
    number: int
    role: str  # the value that the form sends back
    where: str
    address: str
    as_what: str
    last_day: str
    by: str
    when: str
    is_there: bool  # they are a member there, and are asked to be more
    is_administrator: bool


def offered(member: Membership, *, now: datetime) -> Offered:
    practice, by = member.practice, member.offered_by
    return Offered(
        number=member.pk,
        role=member.offered_role,
        where=member.workplace,
        address=f"{practice.address}, {practice.postcode}" if practice else "",
        as_what=Role(member.offered_role).label,
        last_day=written_date(member.ends_on) if member.ends_on else "",
        by=by.full_name if by else "Your regional PharmRefer team",
        when=in_a_sentence(member.offered_at, now=now) if member.offered_at else "",
        is_there=member.off_at is None,
        is_administrator=member.offered_role == Role.PRACTICE_ADMINISTRATOR,
    )


@dataclass(frozen=True)
class Unsent:
    """An e-mail that did not go out: neither its subject nor its text."""

    what: str
    next_step: str
    is_no_address: bool


def unsent(mail: Mail, *, now: datetime) -> Unsent:
    why = f": {Trouble(mail.trouble).label}" if mail.trouble in Trouble.values else ""
    if mail.next_try_at:
        since = day_and_time(mail.created_at, now=now)
        what = f"An email to {mail.to} has not been sent yet, and we have been trying since {since}"
        until = f" until {day_and_time(mail.expires_at, now=now)}" if mail.expires_at else ""
        return Unsent(f"{what}{why}.", f"We will keep trying{until}.", is_no_address=False)
    when = in_a_sentence(mail.created_at, now=now)
    what = f"We could not send an email to {mail.to} {when}{why}."
    if mail.trouble == Trouble.NO_SUCH_ADDRESS:
        return Unsent(what, "Correct the email address, then send it again.", is_no_address=True)
    next_step = "We have stopped trying. Send it again if they still need it."
    return Unsent(what, next_step, is_no_address=False)


def confirmed(last: Confirmation) -> str:
    """For paper too, so no "yesterday"."""
    return f"{day(last.at)} by {last.by.full_name} (role: {Role(last.role).label.lower()})"


@dataclass(frozen=True)
class Reviewed:
    """A member, as the access review shows them."""

    person: Person
    last_log_in: str  # for paper too; "" is never
    quiet: str  # why they may have left, or nothing
    confirmed: str
    is_due: bool
    mark: str


def reviewed(found: Any, last: Confirmation | None, *, now: datetime) -> Reviewed:
    """``found`` is a row of ``to_review``."""
    logged_in = found.user.last_login
    quiet = "" if logged_in else "Never logged in"
    if logged_in and logged_in <= now - REVIEW_EVERY:
        quiet = f"Not for {REVIEW_EVERY.days} days"
    return Reviewed(
        person=person(found, now=now),
        last_log_in=day(logged_in) if logged_in else "",
        quiet=quiet,
        confirmed=confirmed(last) if last else "Never",
        is_due=found.is_due,
        mark=mark_of(found, last),
    )


_SEEN: dict[str, str] = {
    IndicatorKind.MACHINES: "Used on two computers or phones at the same time",
    IndicatorKind.CODE: "One code was entered on two computers or phones",
    IndicatorKind.HOURS: f"Used in {MOST_HOURS + 1} or more different hours of one day",
    IndicatorKind.DAYS: f"Used every day for {MOST_DAYS + 1} days, with no day off",
}


def seen(kind: str, days: int, last: date) -> str:
    if days == 1:
        return f"{_SEEN[kind]}, on {written_date(last)}"
    return f"{_SEEN[kind]}, on {days} days, the latest on {written_date(last)}"


def word_of(dismissal: Dismissal) -> str:
    on = written_date(dismissal.day)
    return f"{dismissal.by.full_name} said on {on} that nobody else uses this login"
