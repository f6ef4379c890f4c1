"""What administrators do with their practice's memberships; one administrator at a time."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

from django.db import transaction

from accounts import audit, notices
from accounts.actor import Actor
from accounts.errors import Denied, Gone
from accounts.models.audit import Event, Remark
from accounts.models.credentials import Activation, PasswordLink
from accounts.models.people import Membership, Practice, User
from accounts.models.sessions import PendingLogIn
from accounts.people import offers
from accounts.roles import Role
from accounts.sign_in import credentials

NOT_YOURSELF = "You cannot do this to yourself. Ask another administrator of your practice"


@contextmanager
def looking_after(actor: Actor) -> Iterator[Practice]:
    """Lock the practice and give it; raises Gone where the actor is no administrator any more."""
    with transaction.atomic():
        mine = Practice.objects.filter(membership=actor.member.pk)
        # Not the membership's row, which the join would lock too.
        [practice] = mine.select_for_update(no_key=True, of=("self",))
        live = Membership.objects.live(actor.today).filter(user__is_active=True)
        if not live.filter(pk=actor.member.pk, role=Role.PRACTICE_ADMINISTRATOR).exists():
            raise Gone
        yield practice


@contextmanager
def administering(number: int, actor: Actor) -> Iterator[Membership]:
    """Lock practice and user and give the membership; raises Gone where it is not of the practice.

    So two administrators cannot turn each other off at the same moment.
    """
    with looking_after(actor):
        theirs = Membership.objects.select_related("practice").filter(
            practice=actor.member.practice_id
        )
        member = theirs.filter(pk=number).first()
        if member is None:
            raise Gone
        member.user = User.objects.select_for_update(no_key=True).get(pk=member.user_id)
        yield member


def check_not_yourself(member: Membership, by: Membership) -> None:
    if member.user_id == by.user_id:
        raise Denied(NOT_YOURSELF)


def change_membership(number: int, role: Role, ends_on: date | None, actor: Actor) -> None:
    with administering(number, actor) as member:
        check_not_yourself(member, actor.member)
        if ends_on != member.ends_on:
            member.ends_on = ends_on
            member.save(update_fields=["ends_on"])
            said, user = Remark(f"last day {ends_on or 'none'}"), member.user
            audit.note(Event.PERSON_CHANGED, actor, reason=said, person=user, by=actor.user)
        _change_role(member, role, actor)


def _change_role(member: Membership, role: Role, actor: Actor) -> None:
    wanted = Role(member.offered_role or member.role)
    if role == wanted:
        return
    if member.has_offer and member.off_at is None:  # they stay what they are
        offers.withdraw(member, actor)
    elif member.has_offer:
        offers.offer(member, role, actor)
    else:
        change_role(member, role, actor)


def change_role(membership: Membership, role: Role, actor: Actor) -> None:
    """Fewer powers take effect at once and end the user's sessions; more are offered.

    But not to a user who has never logged in: they have no password to accept with, and there is
    nothing to protect yet.
    """
    with transaction.atomic():
        user = User.objects.select_for_update(no_key=True).get(pk=membership.user_id)
        before, membership.role = Role(membership.role), role
        membership.full_clean()
        if offers.asks_for_more(role, before) and not user.is_new:
            membership.role = before
            offers.offer(membership, role, actor)
            return
        membership.save(update_fields=["role"])
        user.session_epoch += 1
        user.save(update_fields=["session_epoch"])
        audit.note(Event.ROLE_CHANGED, actor, reason=Remark(role), person=user, by=actor.user)
        notices.role_changed(user, membership, by=actor.user, now=actor.now)
        notices.administrators_added([membership], by=actor.user, now=actor.now)


def turn_off(number: int, actor: Actor) -> None:
    with administering(number, actor) as member:
        check_not_yourself(member, actor.member)
        if member.off_at:
            return
        if member.has_offer:
            offers.withdraw(member, actor)
        member.off_at = actor.now
        member.save(update_fields=["off_at"])
        user = member.user
        if not user.live_memberships(today=actor.today):
            PendingLogIn.objects.filter(user=user).delete()
            PasswordLink.objects.filter(user=user).delete()
            Activation.objects.filter(user=user, used_at=None).delete()
        by = actor.member.user
        audit.note(Event.MEMBERSHIP_OFF, actor, reason=Remark(member.workplace), person=user, by=by)
        notices.membership_turned_off(member, by=by, now=actor.now)


def turn_on(number: int, actor: Actor) -> None:
    """Also a member whose last day is over.

    At once where their account belongs to the practice; elsewhere once they accept it, as when they
    were added.
    """
    with administering(number, actor) as member:
        today = actor.today
        if not member.user.is_active:
            who = member.user.full_name
            raise Denied(f"The account of {who} is turned off everywhere. Ask the service desk")
        if member.is_live(today=today) or member.is_offer(today=today):
            return
        if member.has_ended(today=today):
            member.ends_on = None
        if not member.user.works_at(today=today).is_looked_after_by(member.practice_id):
            member.off_at = member.off_at or actor.now
            member.save(update_fields=["off_at", "ends_on"])
            role = Role(member.offered_role or member.role)
            offers.offer(member, role, actor)
            return
        member.off_at = None
        member.save(update_fields=["off_at", "ends_on"])
        credentials.let_switch(member.user, now=actor.now)
        by = actor.member.user
        audit.note(
            Event.MEMBERSHIP_ON, actor, reason=Remark(member.workplace), person=member.user, by=by
        )
        notices.membership_turned_on(member, by=by, now=actor.now)
        notices.administrators_added([member], by=actor.user, now=actor.now)


def take_back(number: int, actor: Actor) -> None:
    with administering(number, actor) as member:
        if not member.has_offer:
            raise Gone
        offers.withdraw(member, actor)
