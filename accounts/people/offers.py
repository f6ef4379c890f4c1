"""Roles and memberships offered to a user: they take effect when the user accepts.

An administrator who adds an account, or promotes a colleague, gets no power over it: until its
owner says yes, their password, sessions and other memberships stay as they are, and the offer
grants nothing.
"""

from collections.abc import Sequence
from datetime import datetime

from django.utils import timezone

from accounts import audit, notices
from accounts.actor import Actor
from accounts.models.audit import AuditEvent, Event, Remark
from accounts.models.mail import Mail
from accounts.models.people import Membership
from accounts.models.sessions import Session
from accounts.roles import Role
from accounts.sign_in import password_rules

AT_ONCE = 500  # rows in a statement


def asks_for_more(role: Role, than: Role) -> bool:
    return password_rules.shortest_as({role}) > password_rules.shortest_as({than})


def mark(member: Membership, role: Role, actor: Actor) -> None:
    """Without saving. A new membership is turned off until its user accepts."""
    member.offered_role, member.offered_by, member.offered_at = role, actor.user, actor.now
    if member._state.adding:
        member.accepted_at, member.off_at, member.role = None, actor.now, Role.STAFF


def offer(member: Membership, role: Role, actor: Actor) -> None:
    mark(member, role, actor)
    member.save(update_fields=["offered_role", "offered_by", "offered_at"])
    ask([member], actor)


def ask(members: Sequence[Membership], actor: Actor) -> None:
    """Tell them by e-mail, and in the browsers where they are logged in."""
    notes = (
        audit.made(
            Event.MEMBERSHIP_OFFERED,
            actor,
            reason=Remark(f"{each.offered_role}, {_code(each)}"),
            person=each.user,
            by=actor.user,
        )
        for each in members
    )
    AuditEvent.objects.bulk_create(notes, batch_size=AT_ONCE)
    mails = [_mail(each, actor) for each in members]
    Mail.objects.bulk_create(mails, batch_size=AT_ONCE)
    Session.objects.filter(user__in=[each.user_id for each in members]).update(is_asked=True)


def _code(member: Membership) -> str:
    return member.practice.ods_code if member.practice else ""


def _mail(member: Membership, actor: Actor) -> Mail:
    role = Role(member.offered_role)
    shortest = password_rules.shortest_as({role}) if asks_for_more(role, Role.STAFF) else 0
    return notices.membership_offered(member, shortest=shortest, by=actor.user, now=actor.now)


def withdraw(member: Membership, actor: Actor) -> None:
    role, is_there = Role(member.offered_role), member.off_at is None
    audit.note(
        Event.MEMBERSHIP_TAKEN_BACK,
        actor,
        reason=Remark(f"{role}, {_code(member)}"),
        person=member.user,
        by=actor.user,
    )
    clear(member, now=actor.now)
    notices.offer_withdrawn(member, is_there=is_there, by=actor.user, now=actor.now)


def clear(member: Membership, *, now: datetime) -> None:
    """Delete the membership where it was never accepted.

    A session that was open only to accept it goes on with the user's other offers, or ends.
    """
    user = member.user
    works_at = user.works_at(today=timezone.localdate(now))
    asked = [each for each in works_at.offers if each.pk != member.pk]
    left = [each for each in works_at.live if each.pk != member.pk] or asked
    if left and member.off_at is not None:
        Session.objects.filter(membership=member).update(membership=left[0])
    if member.accepted_at is None:
        Membership.objects.filter(pk=member.pk).delete()
    else:
        member.offered_role, member.offered_by, member.offered_at = "", None, None
        member.save(update_fields=["offered_role", "offered_by", "offered_at"])
    if not asked:
        Session.objects.filter(user=user).update(is_asked=False)
