"""What was refused before someone asked for a support code, as the audit has it, and what helps.

For who is known it is what was refused for their account; for others what was refused to the same
browser at the same network address, which may be a colleague's. The latest comes first.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from typing import NamedTuple

from accounts.models.audit import AuditEvent, AuditReason, Event, Factor, seconds_off
from accounts.models.people import User
from accounts.service_desk import presenters
from accounts.sign_in.presenters import Happening
from support.models.support_codes import SupportCode

MOST = 10
OF_ACCOUNT = timedelta(days=1)
FROM_THERE = timedelta(hours=1)
AT_ONCE = timedelta(minutes=1)  # in which one person needs no code twice
_OF_ACCOUNT = (
    Event.ACCESS_REFUSED,
    Event.FACTOR_REFUSED,
    Event.PERSON_LOCKED,
    Event.SESSION_ENDED,
)


class Remedy(NamedTuple):
    """Something that is wrong, and what to do about it: sentences without the last full stop."""

    what: str
    to_do: str


def for_account(person: User | None, *, now: datetime) -> list[AuditEvent]:
    if person is None:
        return []
    found = AuditEvent.objects.filter(person=person, event__in=_OF_ACCOUNT, at__gt=now - OF_ACCOUNT)
    return list(found.order_by("-pk")[:MOST])


def from_there(code: SupportCode, *, other_than: User | None) -> list[AuditEvent]:
    if code.person_id or code.address is None:
        return []
    found = AuditEvent.objects.filter(
        event=Event.FACTOR_REFUSED,
        address=code.address,
        browser=code.browser,
        at__gt=code.made_at - FROM_THERE,
    )
    latest = found.select_related("person").order_by("-at")[:MOST]
    return [each for each in latest if other_than is None or each.person_id != other_than.pk]


# Keyed by the stored text, as everywhere where a later version may have written other values.
_WHAT: dict[tuple[str, str], str] = {
    (Factor.PASSWORD, AuditReason.UNKNOWN_OR_OFF): (
        "Nobody has the username that was typed, or their access is turned off"
    ),
    (Factor.PASSWORD, AuditReason.TOO_MANY): "Too many wrong passwords in a row",
    (Factor.PASSWORD, AuditReason.TOO_MANY_FROM_THERE): "Too many tries from that address",
    (Factor.ACTIVATION_CODE, AuditReason.TOO_MANY): "Too many wrong activation codes in a row",
    (Factor.ACTIVATION_CODE, AuditReason.TOO_MANY_FROM_THERE): "Too many tries from that address",
    (Factor.ACTIVATION_CODE, AuditReason.WRONG_USED_OR_EXPIRED): (
        "Activation code wrong, used or expired"
    ),
    (Factor.ACTIVATION_LINK, AuditReason.WRONG_USED_OR_EXPIRED): (
        "Activation link wrong, used or expired"
    ),
}


def shown(event: AuditEvent, *, now: datetime) -> Happening:
    said = presenters.refused(event, now=now)
    what = _WHAT.get((event.factor, event.reason), said.what)
    return Happening(what, said.when, said.where)


_WAIT = (
    "They have to wait: the page says until when. They should not try again before, and then type "
    "slowly"
)
_OF_REASON: dict[str, str] = {
    AuditReason.COPIED: "They log in with a code, and add a new passkey after that",
    AuditReason.LOCKED: ("Find out why before you unlock it: someone may know the password"),
    AuditReason.NO_CHALLENGE: "They try the passkey again, within 5 minutes, or enter a code",
    AuditReason.TOO_MANY: _WAIT,
    AuditReason.TOO_MANY_FROM_THERE: _WAIT,
    AuditReason.UNKNOWN: "The passkey is not one of this account. They enter a code instead",
    AuditReason.UNKNOWN_OR_OFF: (
        "Check the username with them: it is their own work email address, in full. If it is "
        "right, their practice administrator invites them or turns them on"
    ),
    AuditReason.USED: (
        "A code works once. They wait for the next one. If they have not used it themselves, ask "
        "whether several people share the login"
    ),
    AuditReason.WITHOUT_PASSWORD: (
        "They have a password. They log in with it first, and enter the activation code after that"
    ),
    AuditReason.WRONG_USED_OR_EXPIRED: (
        "They need a new activation code: their practice administrator chooses “Invite again”"
    ),
}
_OF_WRONG: dict[str, str] = {
    Factor.AUTHENTICATOR: (
        "They enter the 6 digits that their app shows now, for the entry that was set up "
        "last. If there is none, or the app is new, their authenticator has to be reset"
    ),
    Factor.PASSKEY: "They try another passkey, or enter a code from their app",
    Factor.PASSWORD: (
        "If they are not sure of the password, they choose a new one with “I have forgotten my "
        "password” on the login page"
    ),
}
_CLOCK = (
    "The clock of the device that shows their codes is wrong. On a phone they turn on “Set time "
    "automatically”. On a computer the local IT service desk can do it"
)
_SHARED = Remedy(
    "Codes already used, twice within a minute",
    "Ask whether several people share this login. Each person needs their own",
)


def advice(
    events: Sequence[AuditEvent], perhaps: Sequence[AuditEvent] = (), *, now: datetime
) -> list[Remedy]:
    """Return what helps against what was refused, that against the latest first, each once.

    Args:
        perhaps: what may have been refused to someone else; it is said so, and comes last.
    """
    found = {_SHARED.to_do: _SHARED} if _is_used_twice([*events, *perhaps]) else {}
    for each in (*events, *perhaps):
        to_do = _advice_on(each) if each.event == Event.FACTOR_REFUSED else ""
        if to_do and to_do not in found:
            what = shown(each, now=now).what
            is_certain = each in events
            found[to_do] = Remedy(what if is_certain else _perhaps(what), to_do)
    return list(found.values())


def _perhaps(what: str) -> str:
    return f"Perhaps theirs: {what[0].lower()}{what[1:]}"


def _advice_on(event: AuditEvent) -> str:
    if seconds_off(event.reason) is not None:
        return _CLOCK
    if event.reason in _OF_REASON:
        return _OF_REASON[event.reason]
    return _OF_WRONG.get(event.factor, "")


def _is_used_twice(events: Sequence[AuditEvent]) -> bool:
    """Whether two codes of one account were given again within a minute."""
    used = [(each.person_id, each.at) for each in events if each.reason == AuditReason.USED]
    return any(
        whose == before and at - earlier <= AT_ONCE
        for (before, earlier), (whose, at) in pairwise(sorted(used))
    )
