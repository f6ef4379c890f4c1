"""Who learns of a case: its entries in the audit, its e-mails, and the link that stops it."""

from datetime import datetime
from typing import NamedTuple

from django.core import signing
from django.utils import timezone

from accounts import audit, mail
from accounts.actor import Actor
from accounts.models.audit import LONGEST_AUDIT_REASON, Event, Remark
from accounts.models.cases import Case, administrators
from accounts.models.former_addresses import addresses_of
from accounts.models.people import Membership, MembershipQuerySet, User, can_act
from accounts.models.service_desk import service_desk_address
from accounts.notices import words
from accounts.roles import Role
from accounts.service_desk.kinds import handling

_LINK = "accounts.case"


def note_case(event: Event, case: Case, actor: Actor) -> None:
    where = f", {case.practice.ods_code}" if case.practice else ""
    said = f"{case.kind}, case {case.pk}{where}: {case.reason}"
    reason = Remark(said[:LONGEST_AUDIT_REASON])
    audit.note(event, actor, reason=reason, person=case.person, by=actor.user)


def case_opened(case: Case, *, now: datetime) -> None:
    key = _key_of(case)
    for each in _readers(case, now=now):
        said = words("case_opened", reader=each, case=case, key=key, at=now)
        mail.post(each.address, said, now=now)


def case_done(case: Case, *, now: datetime) -> None:
    key = _key_of(case)
    for each in _readers(case, now=now):
        said = words("case_done", reader=each, case=case, key=key, at=now)
        mail.post(each.address, said, now=now)


def case_disputed(case: Case, *, now: datetime) -> None:
    readers = _readers(case, now=now)
    if desk := service_desk_address():
        readers.append(_CaseReader(desk, "", is_own=False))
    for each in readers:
        said = words("case_disputed", reader=each, case=case, at=now)
        mail.post(each.address, said, now=now)


def _key_of(case: Case) -> str:
    return signing.dumps(case.pk, salt=_LINK)


def number_in(key: str) -> int | None:
    """The case of a link, or None where the link is not ours."""
    try:
        return int(signing.loads(key, salt=_LINK))
    except signing.BadSignature:
        return None


class _CaseReader(NamedTuple):
    address: str
    name: str  # empty at the service desk's own address
    is_own: bool  # it is about their own account


def _readers(case: Case, *, now: datetime) -> list[_CaseReader]:
    """The account's owner and the others who are told.

    The owner also at each former address: a thief may have changed it in order to call.
    """
    others = [
        _CaseReader(each.email, each.given_name, is_own=False) for each in _others(case, now=now)
    ]
    if not (owner := case.person):
        return others
    addresses = addresses_of(owner, now=now)
    return [_CaseReader(each, owner.given_name, is_own=True) for each in addresses] + others


def _others(case: Case, *, now: datetime) -> list[User]:
    """The practice's administrators; for an account of no practice, the service desk.

    Where a practice gets an administrator and none can act, all its members. Never who opened the
    case: it is no news to them.
    """
    today = timezone.localdate(now)
    live = Membership.objects.live(today)
    if case.practice is None or not _answers_for(case, now=now):
        readers = _people(live.filter(role=Role.SERVICE_DESK))
    else:
        there = administrators(case.practice_id, today=today)
        readers = list(there)
        if handling(case).is_of_practice and not there.filter(can_act()).exists():
            readers = _people(live.filter(practice=case.practice))
    return [each for each in readers if each.pk not in {case.person_id, case.by_id}]


def _answers_for(case: Case, *, now: datetime) -> bool:
    """Other practices are not told of what is done to an account."""
    if handling(case).is_of_practice or case.person is None:
        return True
    home = case.person.home(today=timezone.localdate(now))
    return home is not None and home.practice_id == case.practice_id


def _people(memberships: MembershipQuerySet) -> list[User]:
    return list(User.objects.filter(memberships__in=memberships, is_active=True).distinct())
