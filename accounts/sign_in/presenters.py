"""What pages show of sessions, and of what has happened to an account."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from accounts.models.audit import AuditEvent, AuditReason, Event, Factor, seconds_off
from accounts.models.sessions import Session
from accounts.web import browsers
from accounts.wording import day_and_time, in_a_sentence

NOWHERE = "unknown address"


@dataclass(frozen=True)
class OpenSession:
    number: int
    browser: str
    address: str
    began: str
    began_in_words: str
    active: str
    is_here: bool


def open_sessions(
    sessions: Iterable[Session], *, here: Session, now: datetime
) -> list[OpenSession]:
    """Return the open sessions of a user, beginning with ``here``."""
    live = [each for each in sessions if each.pk == here.pk or each.why_ended(now) is None]
    live.sort(key=lambda each: (each.pk == here.pk, each.last_seen_at), reverse=True)
    return [open_session(each, here=here, now=now) for each in live]


def open_session(session: Session, *, here: Session, now: datetime) -> OpenSession:
    return OpenSession(
        number=session.pk,
        browser=browsers.name_of(session.browser),
        address=session.address or NOWHERE,
        began=day_and_time(session.created_at, now=now),
        began_in_words=in_a_sentence(session.created_at, now=now),
        active=day_and_time(session.last_seen_at, now=now),
        is_here=session.pk == here.pk,
    )


@dataclass(frozen=True)
class Happening:
    """Something that happened to somebody's account."""

    what: str
    when: str
    where: str


def happening(event: AuditEvent, *, now: datetime) -> Happening:
    """Return what the user is told about an event; who else did it is left out."""
    return Happening(_what(event), day_and_time(event.at, now=now), _where(event))


def _where(event: AuditEvent) -> str:
    at_a_console = event.address is None and event.browser.startswith("manage.py, ")
    if at_a_console or event.by_id not in {None, event.person_id}:
        return "By the service operator"
    return f"{browsers.name_of(event.browser)}, {event.address or NOWHERE}"


# Keyed by the stored text, since a later version may have written other values.
_FACTORS: dict[str, str] = {
    Factor.ACTIVATION_CODE: "activation code",
    Factor.ACTIVATION_LINK: "activation link",
    Factor.AUTHENTICATOR: "code",
    Factor.PASSKEY: "passkey",
    Factor.PASSWORD: "password",
    Factor.PASSWORD_LINK: "link",
}

_GENERAL: dict[str, str] = {
    Event.ACCESS_REFUSED: "Tried to open a page for another role",
    Event.ACTIVATION_ISSUED: "Activation code given out",
    Event.ADDRESS_ALLOWED: "Email address allowed",
    Event.ADDRESS_TAKEN_BACK: "Email address no longer allowed",
    Event.AUTHENTICATOR_ADDED: "Authenticator app added",
    Event.AUTHENTICATOR_REMOVED: "Authenticator app removed",
    Event.AUTHENTICATOR_RENAMED: "Authenticator app renamed",
    Event.AUTHENTICATOR_RESET: "Authenticator apps and passkeys removed",
    Event.CASE_APPROVED: "A request to the service desk was approved",
    Event.CASE_DONE: "A request to the service desk was carried out",
    Event.CASE_DISPUTED: "A request to the service desk was stopped: it was not you",
    Event.CASE_OPENED: "Someone asked the service desk about the account",
    Event.CASE_REFUSED: "A request to the service desk was refused",
    Event.CASE_WITHDRAWN: "A request to the service desk was withdrawn",
    Event.CONTENT_CONFIRMED: "Made clinical content live",
    Event.CONTENT_DISCARDED: "Discarded clinical content that waited",
    Event.CONTENT_LOADED: "Loaded clinical content",
    Event.DRAFTS_HANDED_OVER: "Drafts handed to a colleague",
    Event.FACTOR_ACCEPTED: "{factor} accepted",
    Event.FACTOR_REFUSED: "Wrong {factor}",
    Event.HOME_CHANGED: "Main practice changed",
    Event.MEMBERSHIP_ACCEPTED: "Accepted a role at a practice",
    Event.MEMBERSHIP_ADDED: "Added to a practice",
    Event.MEMBERSHIP_DECLINED: "Declined a role at a practice",
    Event.MEMBERSHIP_OFFERED: "Asked to accept a role at a practice",
    Event.MEMBERSHIP_TAKEN_BACK: "A request to accept a role was withdrawn",
    Event.MEMBERSHIP_CHOSEN: "Switched to another practice",
    Event.MEMBERSHIP_MOVED: "Moved to another practice",
    Event.MEMBERSHIP_CONFIRMED: "Confirmed that you work at a practice",
    Event.MEMBERSHIP_OFF: "Access at a practice turned off",
    Event.MEMBERSHIP_ON: "Access at a practice turned on",
    Event.PASSKEY_ADDED: "Passkey added",
    Event.PASSKEY_REMOVED: "Passkey removed",
    Event.PASSKEY_DISABLED: "Passkey turned off: someone may have a copy of it",
    Event.PASSWORD_CHANGED: "Password changed",
    Event.PASSWORD_FORGOTTEN: "Asked for a link to choose another password",
    Event.PASSWORD_VOIDED: "Password no longer works: a new one was asked for",
    Event.PERSON_CHANGED: "Name, job role or username changed",
    Event.PERSON_INVITED: "Account created",
    Event.PERSON_LOCKED: "Account locked: someone said that a request about it was not theirs",
    Event.PERSON_UNLOCKED: "Account unlocked",
    Event.PHONE_CHANGED: "Number on record of a practice changed",
    Event.PRACTICE_CHANGED: "Changed the settings of a practice",
    Event.REGION_CHANGED: "Changed what PharmRefer says of the region",
    Event.ROLE_CHANGED: "Role changed",
    Event.SESSION_BEGAN: "Logged in with password and {factor}",
    Event.SESSION_CONFIRMED: "Confirmed with password and {factor}",
    Event.SESSION_ENDED: "Logged out",
    Event.SHARED_LOGIN_DISMISSED: "Said that only one person uses the account",
    Event.SUPPORT_CODE_OPENED: "The service desk opened a support code",
}

_PARTICULAR: dict[str, dict[str, str]] = {
    Event.FACTOR_ACCEPTED: {
        AuditReason.TO_ACCEPT: "Password entered to accept a role",
        AuditReason.TO_CONFIRM: "Password entered to confirm a change",
        AuditReason.TO_UNLOCK_SCREEN: "Screen unlocked with the password",
    },
    Event.FACTOR_REFUSED: {
        AuditReason.WRONG_TO_ACCEPT: "Wrong password entered to accept a role",
        AuditReason.COPIED: "Passkey not accepted: someone may have a copy of it",
        AuditReason.NO_CHALLENGE: "Passkey used too late, or twice",
        AuditReason.LOCKED: "Not let in: the account is locked",
        AuditReason.TOO_MANY: "Too many wrong codes in a row",
        AuditReason.UNKNOWN: "Unknown passkey",
        AuditReason.USED: "Code already used",
        AuditReason.WRONG_TO_CONFIRM: "Wrong password entered to confirm a change",
        AuditReason.WRONG_TO_UNLOCK_SCREEN: "Wrong password entered to unlock the screen",
        AuditReason.WITHOUT_PASSWORD: "Activation code without the password",
    },
    Event.PERSON_LOCKED: {
        AuditReason.NONE: "Account locked after too many wrong codes",
    },
    Event.SESSION_ENDED: {
        AuditReason.LOGGED_OUT_ALL_OTHERS: "Logged out everywhere else",
        AuditReason.ELSEWHERE: "Logged out: from another browser, or after a change",
        AuditReason.LOGGED_OUT_ELSEWHERE: "Logged out from another browser",
        AuditReason.IDLE: "Logged out: PharmRefer was not used for a while",
        AuditReason.LONGEST: "Logged out: you had been logged in for a long time",
    },
}


def _what(event: AuditEvent) -> str:
    if seconds_off(event.reason) is not None:
        return "Code expired or not valid yet"
    particular = _PARTICULAR.get(event.event, {}).get(event.reason)
    general = _GENERAL.get(event.event, "Something changed")
    said = particular or general.format(factor=_FACTORS.get(event.factor, "proof"))
    return said[0].upper() + said[1:]
