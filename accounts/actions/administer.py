"""What a practice's administrators say of who works there, one at a time in each practice."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from accounts import audit, mail, passwords
from accounts.actions import changes, notices, people
from accounts.actions.people import NewPerson, issue_activation
from accounts.actions.steps import DeniedError, GoneError
from accounts.models import (
    Activation,
    Event,
    Membership,
    PasswordLink,
    PendingLogIn,
    Practice,
    User,
)
from accounts.origin import Origin
from accounts.roles import Role

NOT_YOURSELF = "You cannot do this to yourself. Ask another administrator of your practice"


@contextmanager
def looking_after(by: Membership, *, now: datetime) -> Iterator[Practice]:
    """Give a practice to who is still its administrator; one comes at a time.

    Raises:
        GoneError: ``by`` is no administrator there any more.
    """
    with transaction.atomic():
        mine = Practice.objects.filter(membership=by.pk)
        # And not the membership's row.
        [practice] = mine.select_for_update(no_key=True, of=("self",))
        live = Membership.objects.live(timezone.localdate(now)).filter(user__is_active=True)
        if not live.filter(pk=by.pk, role=Role.PRACTICE_ADMINISTRATOR).exists():
            raise GoneError
        yield practice


@contextmanager
def administering(by: Membership, number: int, *, now: datetime) -> Iterator[Membership]:
    """Give one of the practice's people to who is still its administrator; one comes at a time.

    So no two administrators take each other's place away at one moment.

    Raises:
        GoneError: it is nobody of that practice, or ``by`` is no administrator there any more.
    """
    with looking_after(by, now=now):
        theirs = Membership.objects.select_related("practice").filter(practice=by.practice_id)
        member = theirs.filter(pk=number).first()
        if member is None:
            raise GoneError
        member.user = User.objects.select_for_update(no_key=True).get(pk=member.user_id)
        yield member


def check_not_yourself(member: Membership, by: Membership) -> None:
    """Raise DeniedError where somebody would change their own place."""
    if member.user_id == by.user_id:
        raise DeniedError(NOT_YOURSELF)


def add(person: NewPerson, *, by: Membership, origin: Origin, now: datetime) -> tuple[User, str]:
    """Let somebody into the practice: with a new account, or with the one that they have.

    Returns:
        the person, and the one-time activation code of a new account or "" for one that exists.

    Raises:
        GoneError: ``by`` is no administrator there any more.
        django.core.exceptions.ValidationError: a value is refused, the person is there already,
            or the practice has closed.
    """
    with administering(by, by.pk, now=now) as own:
        person = NewPerson(**{**vars(person), "practice": own.practice})
        return let_in(person, by=by.user, origin=origin, now=now)


def let_in(
    person: NewPerson, *, by: User | None, origin: Origin, now: datetime
) -> tuple[User, str]:
    """Do what ``add`` does, for whoever may; call it in a transaction.

    Raises:
        django.core.exceptions.ValidationError: a value is refused, the person is there already,
            or the practice has closed.
    """
    people.check_is_open(person.practice, today=timezone.localdate(now))
    user = User.objects.with_mailbox(person.email).select_for_update(no_key=True).first()
    if user:
        _join(user, person, by=by, origin=origin, now=now)
        return user, ""
    user = people.invite(person, by=by, origin=origin, now=now)
    code = issue_activation(user, by=by, origin=origin, now=now)
    tell_of_administrator(user.memberships.get(), by=by, now=now)
    return user, code


def check_can_join(user: User, person: NewPerson, *, now: datetime) -> None:
    """Raise ValidationError where an account that exists cannot be given a place there."""
    here = user.memberships.filter(practice=person.practice).first()
    if here:
        is_live = here.is_live(today=timezone.localdate(now))
        how = "is one of your people already" if is_live else "was turned off. Turn them on again"
        raise ValidationError({"email": f"{user.full_name} {how}"})
    said = {name.casefold() for name in (person.given_name, person.family_name)}
    if not said & {user.given_name.casefold(), user.family_name.casefold()}:
        message = "Somebody with another name has this e-mail address. Check name and address"
        raise ValidationError({"email": message})
    if not user.is_active or user.memberships.filter(practice=None).exists():
        raise ValidationError({"email": "This account cannot be added. Ask the service desk"})


def _join(user: User, person: NewPerson, *, by: User | None, origin: Origin, now: datetime) -> None:
    """Give somebody who has an account a place in another practice too."""
    check_can_join(user, person, now=now)
    shortest = passwords.shortest_for(user)
    made = Membership(user=user, practice=person.practice, role=person.role, ends_on=person.ends_on)
    made.full_clean()
    made.save()
    audit.note(
        Event.MEMBERSHIP_ADDED,
        because=made.place,
        person=user,
        by=by,
        origin=origin,
        now=now,
    )
    link = changes.ask_for_longer(user, shortest, by=by, origin=origin, now=now)
    role = Role(made.role).label
    mail.post(user.email, "joined", now=now, person=user, place=made, by=by, role=role, **link)
    tell_of_administrator(made, by=by, now=now)


def tell_of_administrator(made: Membership, *, by: User | None, now: datetime) -> None:
    """Tell the practice that there is another administrator."""
    if made.role != Role.PRACTICE_ADMINISTRATOR:
        return
    said: dict[str, Any] = {"who": made.user, "by": by, "place": made}
    notices.tell([made.practice_id], "new_administrator", but=made.user, now=now, **said)


def change_place(  # noqa: PLR0913  each by its name
    number: int,
    role: Role,
    ends_on: date | None,
    *,
    by: Membership,
    origin: Origin,
    now: datetime,
) -> None:
    """Say what somebody is in the practice, and until when.

    Raises:
        DeniedError: it is the administrator's own place.
        GoneError: it is nobody of that practice, or ``by`` is no administrator there any more.
        django.core.exceptions.ValidationError: there is no such role in a practice.
    """
    with administering(by, number, now=now) as member:
        check_not_yourself(member, by)
        if ends_on != member.ends_on:
            member.ends_on = ends_on
            member.save(update_fields=["ends_on"])
            because = f"last day {ends_on or 'none'}"
            audit.note(
                Event.PERSON_CHANGED,
                because=because,
                person=member.user,
                by=by.user,
                origin=origin,
                now=now,
            )
        if role != member.role:
            people.change_role(member, role, by=by.user, origin=origin, now=now)
            tell_of_administrator(member, by=by.user, now=now)


def turn_off(number: int, *, by: Membership, origin: Origin, now: datetime) -> None:
    """End what somebody is in the practice: at once. What they did stays.

    Raises:
        DeniedError: it is the administrator's own place.
        GoneError: it is nobody of that practice, or ``by`` is no administrator there any more.
    """
    with administering(by, number, now=now) as member:
        check_not_yourself(member, by)
        if member.off_at:
            return
        member.off_at = now
        member.save(update_fields=["off_at"])
        user = member.user
        if not user.live_memberships(today=timezone.localdate(now)):
            PendingLogIn.objects.filter(user=user).delete()
            PasswordLink.objects.filter(user=user).delete()
            Activation.objects.filter(user=user, used_at=None).delete()
        _note_and_tell(Event.MEMBERSHIP_OFF, "turned_off", member, by=by, origin=origin, now=now)


def turn_on(number: int, *, by: Membership, origin: Origin, now: datetime) -> None:
    """Let somebody in again who was turned off, or whose last day is over.

    Raises:
        DeniedError: the account itself is turned off.
        GoneError: it is nobody of that practice, or ``by`` is no administrator there any more.
    """
    with administering(by, number, now=now) as member:
        today = timezone.localdate(now)
        if not member.user.is_active:
            who = member.user.full_name
            raise DeniedError(
                f"The account of {who} is turned off everywhere. Ask the service desk"
            )
        if member.is_live(today=today):
            return
        member.off_at = None
        if member.has_ended(today=today):
            member.ends_on = None
        member.save(update_fields=["off_at", "ends_on"])
        _note_and_tell(Event.MEMBERSHIP_ON, "turned_on", member, by=by, origin=origin, now=now)
        tell_of_administrator(member, by=by.user, now=now)


def _note_and_tell(  # noqa: PLR0913  each by its name
    event: Event,
    template: str,
    member: Membership,
    *,
    by: Membership,
    origin: Origin,
    now: datetime,
) -> None:
    user = member.user
    audit.note(event, because=member.place, person=user, by=by.user, origin=origin, now=now)
    mail.post(user.email, template, now=now, person=user, place=member, by=by.user, at=now)
