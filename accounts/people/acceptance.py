"""An account's owner answers what others have asked: yes or no, once they are logged in."""

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
from accounts.sign_in.attempts import hold_session
from accounts.sign_in.log_in import check_password, end


@dataclass(frozen=True)
class Yes:
    """What the owner gives with their yes."""

    password: str
    new_password: str = ""  # checked already; where the role asks for more than they have
    is_main: bool = False  # its administrators look after the account from now on


def shortest_with(user: User, role: str) -> int:
    """Return the fewest characters of a person's password once they have a role too."""
    return max(password_rules.shortest_for(user), password_rules.shortest_as({Role(role)}))


def may_become_main(member: Membership, *, now: datetime) -> bool:
    """Say whether a practice could be asked to look after the account, and does not yet."""
    works_at = member.user.works_at(today=timezone.localdate(now))
    return not works_at.is_looked_after_by(member.practice_id)


def accept(session: Session, number: int, role: str, yes: Yes, actor: Actor) -> str:
    """Take somebody's yes to what they were asked; return their session's new key.

    With more powers than before, wherever else they are logged in they are logged out.

    Args:
        number: of the membership.
        role: what they were shown that they become.

    Raises:
        Denied: the password is not right, or was tried too often; or it is too short for the role,
            and they have given no other.
        Gone: it was taken back or changed, or the session has ended meanwhile.
    """
    check_password(session.user, yes.password, AuditReason.TO_ACCEPT, actor)
    shortest = shortest_with(session.user, role)
    if not yes.new_password and len(passwords.normalised(yes.password)) < shortest:
        message = f"Your password has fewer than {shortest} characters. Choose a longer one"
        raise Denied(message, field="new_password")
    # It takes its time: no lock is held meanwhile.
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
    """Take somebody's no; return their session's new key, or "" where nothing is left to open.

    Raises:
        Gone: it was taken back, or the session has ended meanwhile.
    """
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
    """Let somebody work who answers later; return their session's new key.

    Raises:
        Gone: there is nothing else to open, or the session has ended meanwhile.
    """
    with transaction.atomic():
        if key := _go_on(session, hold_session(session), now=now):
            return key
        raise Gone


@contextmanager
def _asked(session: Session, number: int, *, now: datetime) -> Iterator[tuple[User, Membership]]:
    """Give what somebody was asked, with the practice locked before the person, as everywhere."""
    with transaction.atomic():
        asked_by = Practice.objects.filter(membership=number, membership__user=session.user_id)
        list(asked_by.select_for_update(no_key=True, of=("self",)))
        user = hold_session(session)
        found = Membership.objects.select_related("practice", "offered_by").filter(user=user)
        member = found.filter(pk=number).first()
        if member is None or not member.is_offer(today=timezone.localdate(now)):
            raise Gone
        member.user = user
        yield user, member


def _take(member: Membership, *, now: datetime) -> bool:
    """Make a membership what was offered; say whether that is more than it was."""
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
    """Return the session's new key: at the one place that there is, or before they choose one."""
    today = timezone.localdate(now)
    works_at = user.works_at(today=today)
    live, asked = works_at.live, works_at.offers
    if not live and not asked:
        return ""
    fields: dict[str, Any] = {"is_asked": bool(asked)}
    if not session.has_chosen:
        fields |= {"membership": (live or asked)[0], "has_chosen": len(live) == 1}
    if key := session.renew(now=now, confirmed_at=None, **fields):
        return key
    raise Gone
