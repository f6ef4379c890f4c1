"""Who is told of a case, by note and by e-mail, and with what link it is stopped."""

from datetime import datetime, timedelta
from typing import Any

from django.core import signing
from django.utils import timezone

from accounts import audit, mail
from accounts.models import (
    LONGEST_BECAUSE,
    Case,
    Event,
    Kind,
    Membership,
    MembershipQuerySet,
    User,
    administrators,
)
from accounts.origin import Origin
from accounts.roles import Role

_LINK = "accounts.case"
BEFORE_TOLD_FOR = timedelta(days=30)  # the address that somebody had before


def note_case(event: Event, case: Case, *, by: User | None, origin: Origin, now: datetime) -> None:
    """Write down what happened to a case: what it does, where, and why, as far as that fits."""
    where = f", {case.practice.ods_code}" if case.practice else ""
    said = f"{case.kind}, case {case.pk}{where}: {case.reason}"
    because = said[:LONGEST_BECAUSE]
    audit.note(event, because=because, person=case.person, by=by, origin=origin, now=now)


def tell_of_case(template: str, case: Case, *, now: datetime) -> None:
    """Tell the owner and the practice's administrators, each with the link that stops it.

    The owner also at the address that they had until lately: whoever has moved it may have done
    so for this.
    """
    key = signing.dumps(case.pk, salt=_LINK)
    context: dict[str, Any] = {"case": case, "at": now, "key": key}
    if owner := case.person:
        moved_at = owner.email_changed_at
        has_moved = moved_at is not None and now - moved_at < BEFORE_TOLD_FOR
        for address in {owner.email, owner.email_before if has_moved else ""} - {""}:
            mail.post(address, template, now=now, reader=owner, is_own=True, **context)
    for reader in _others(case, now=now):
        mail.post(reader.email, template, now=now, reader=reader, is_own=False, **context)


def number_in(key: str) -> int | None:
    """Return the number of the case that a link is about, or None: it is none of ours."""
    try:
        return int(signing.loads(key, salt=_LINK))
    except signing.BadSignature:
        return None


def _others(case: Case, *, now: datetime) -> list[User]:
    """Return who else is to know, but for who has opened it: they could not be surprised.

    The administrators of the practice that the account belongs to; of a colleague's, the service
    desk. Where a practice gets an administrator and has none, all of its people.
    """
    today = timezone.localdate(now)
    live = Membership.objects.live(today)
    if case.practice is None:
        readers = _people(live.filter(role=Role.SERVICE_DESK))
    else:
        readers = list(administrators(case.practice_id, today=today))
        if case.kind == Kind.ADMINISTRATOR and not readers:
            readers = _people(live.filter(practice=case.practice))
    return [each for each in readers if each.pk not in {case.person_id, case.by_id}]


def _people(memberships: MembershipQuerySet) -> list[User]:
    return list(User.objects.filter(memberships__in=memberships, is_active=True).distinct())
