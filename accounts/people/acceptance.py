"""Users answer what they were asked, such as to join a practice: yes, no or later."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.utils import timezone

from accounts import audit, notices
from accounts.actor import Actor
from accounts.errors import Denied, Gone
from accounts.factors import passwords
from accounts.models.audit import AuditReason, Event, Remark
from accounts.models.people import Membership, Practice, User
from accounts.models.sessions import Session
from accounts.people import offers
from accounts.roles import Role
from accounts.sign_in import credentials, password_rules
from accounts.sign_in.attempts import hold
from accounts.sign_in.log_in import check_password, end


@dataclass(frozen=True)
class Yes:
    password: str
    new_password: str = ""  # checked already; where the role needs a longer one
    is_main: bool = False  # its administrators look after the account from now on


def shortest_with(user: User, role: str) -> int:
    return max(password_rules.shortest_for(user), password_rules.shortest_as({Role(role)}))


def may_become_main(member: Membership, *, now: datetime) -> bool:
    works_at = member.user.works_at(today=timezone.localdate(now))
    return not works_at.is_looked_after_by(member.practice_id)


def accept(session: Session, number: int, role: str, yes: Yes, actor: Actor) -> str:
    """Make the membership what was offered; return the session's new key.

    A user who gets more powers is logged out of their other sessions. ``role`` is what the page
    said: if the offer has changed since, this raises Gone. Raises Denied for a wrong password, and
    beside ``new_password`` where the role needs a longer one and none was given.
    """
    check_password(session.user, yes.password, AuditReason.TO_ACCEPT, actor)
    shortest = shortest_with(session.user, role)
    if not yes.new_password and len(passwords.normalised(yes.password)) < shortest:
        message = f"Your password has fewer than {shortest} characters. Choose a longer one"
        raise Denied(message, field="new_password")
    # Before any row is locked: hashing is slow on purpose.
    hashed = make_password(yes.new_password) if yes.new_password else ""
    with _asked(session, number, now=actor.now) as (user, member):
        if member.offered_role != role:
            raise Gone
        is_raise = _take(member, now=actor.now)
        if hashed:
            credentials.set_password(user, hashed, actor=actor)
            credentials.let_go_on(session, user)
        elif is_raise:
            credentials.end_others(session, user)
        _note_and_tell(member, actor)
        if yes.is_main and may_become_main(member, now=actor.now):
            _make_main(user, member, actor)
        if is_raise:
            notices.administrators_added([member], by=member.offered_by, now=actor.now)
        credentials.let_switch(user, now=actor.now)
        return _go_on(session, user, now=actor.now)


def decline(session: Session, number: int, actor: Actor) -> str:
    """Return the session's new key, or "" where nothing is left for it to open."""
    with _asked(session, number, now=actor.now) as (user, member):
        is_there = member.off_at is None
        audit.note(Event.MEMBERSHIP_DECLINED, actor, reason=Remark(member.workplace), person=user)
        offers.clear(member, now=actor.now)
        notices.offer_declined(member, is_there=is_there, now=actor.now)
        key = _go_on(session, user, now=actor.now)
        if not key:
            end(session, reason=AuditReason.NOTHING_LEFT_TO_OPEN, actor=actor)
        return key


def put_off(session: Session, *, now: datetime) -> str:
    """Return the session's new key; raises Gone where it would open nothing else."""
    with transaction.atomic():
        if key := _go_on(session, hold(session, now=now), now=now):
            return key
        raise Gone


@contextmanager
def _asked(session: Session, number: int, *, now: datetime) -> Iterator[tuple[User, Membership]]:
    """Lock the practice before the user, as everywhere."""
    with transaction.atomic():
        asked_by = Practice.objects.filter(membership=number, membership__user=session.user_id)
        list(asked_by.select_for_update(no_key=True, of=("self",)))
        user = hold(session, now=now)
        found = Membership.objects.select_related("practice", "offered_by").filter(user=user)
        member = found.filter(pk=number).first()
        if member is None or not member.is_offer(today=timezone.localdate(now)):
            raise Gone
        member.user = user
        yield user, member


def _take(member: Membership, *, now: datetime) -> bool:
    before = Role.STAFF if member.off_at else Role(member.role)
    member.role, member.offered_role = Role(member.offered_role), ""
    member.accepted_at, member.off_at = now, None
    member.full_clean()
    member.save(update_fields=["role", "offered_role", "accepted_at", "off_at"])
    return offers.asks_for_more(Role(member.role), before)


def _make_main(user: User, member: Membership, actor: Actor) -> None:
    assert member.practice  # noqa: S101  nobody is asked to join none
    user.home_practice = member.practice
    user.save(update_fields=["home_practice"])
    reason = member.practice.ods_code
    audit.note(Event.HOME_CHANGED, actor, reason=Remark(reason), person=user)


def _note_and_tell(member: Membership, actor: Actor) -> None:
    user, role = member.user, Role(member.role)
    audit.note(Event.MEMBERSHIP_ACCEPTED, actor, reason=Remark(member.workplace), person=user)
    audit.note(Event.ROLE_CHANGED, actor, reason=Remark(role), person=user)
    notices.membership_accepted(member, now=actor.now)


def _go_on(session: Session, user: User, *, now: datetime) -> str:
    today = timezone.localdate(now)
    works_at = user.works_at(today=today)
    live, asked = works_at.live, works_at.offers
    if not live and not asked:
        return ""
    fields: dict[str, Any] = {"is_asked": bool(asked)}
    if not session.has_chosen:
        fields |= {"membership": (live or asked)[0], "has_chosen": len(live) == 1}
    return session.renew(now=now, confirmed_at=None, **fields)
