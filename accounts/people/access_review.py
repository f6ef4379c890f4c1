"""The access review: an administrator says of each member whether they still work there."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from accounts import audit
from accounts.actor import Actor
from accounts.errors import Denied
from accounts.models.audit import Event, Remark
from accounts.models.people import Membership
from accounts.models.practice_people import AccountStatus, people_of, reminders
from accounts.models.reviews import Confirmation, mark_of
from accounts.people.memberships import NOT_YOURSELF, looking_after, turn_off

NOTHING_SAVED = "Nothing was saved"
ANOTHER = "Another administrator of your practice has to confirm that you still work here"


@dataclass(frozen=True)
class ReviewAnswer:
    number: int  # of the membership
    works_here: bool
    seen: str  # how they were shown, by ``mark_of``


def review(answers: Collection[ReviewAnswer], actor: Actor) -> None:
    """Confirm or turn off each member: all, or none if one has changed since the page was shown.

    A form that is sent twice does nothing the second time.
    """
    with looking_after(actor) as practice:
        numbers = [each.number for each in answers]
        people = people_of(practice.pk, today=actor.today).filter(pk__in=numbers)
        members = {each.pk: each for each in people}
        last = Confirmation.objects.last_of(numbers)
        _check_unchanged(answers, members, last)
        _check_oneself(answers, actor)
        # To turn off a member locks their user: always in the same order, or two practices with the
        # same locums could deadlock.
        for answer in sorted(answers, key=lambda each: members[each.number].user_id):
            member = members[answer.number]
            if not answer.works_here:
                turn_off(answer.number, actor)
            elif answer.seen == mark_of(member, last.get(member.pk)):
                _confirm(member, actor)


def _check_unchanged(
    answers: Collection[ReviewAnswer], members: dict[int, Any], last: dict[int, Confirmation]
) -> None:
    """A member whom a colleague has confirmed meanwhile cannot be turned off: look again first."""
    if any(each.number not in members for each in answers):
        raise Denied(f"{NOTHING_SAVED}. Someone in the list is not one of your people")
    changed = []
    for answer in answers:
        member = members[answer.number]
        is_off = member.account_status == AccountStatus.OFF
        if answer.works_here:
            is_changed = is_off or answer.seen.partition("-")[0] != member.role
        else:
            is_changed = not is_off and answer.seen != mark_of(member, last.get(member.pk))
        if is_changed:
            changed.append(member.user.full_name)
    if changed:
        who = " and ".join(changed)
        raise Denied(
            f"{NOTHING_SAVED}. Someone else has changed or confirmed {who}. Check the list again"
        )


def _check_oneself(answers: Collection[ReviewAnswer], actor: Actor) -> None:
    mine = next((each for each in answers if each.number == actor.member.pk), None)
    if mine and not mine.works_here:
        raise Denied(NOT_YOURSELF)
    if mine and not reminders(actor.member, now=actor.now).is_only_one:
        raise Denied(ANOTHER)


def _confirm(member: Membership, actor: Actor) -> None:
    Confirmation.objects.create(
        membership=member, role=member.role, at=actor.now, by=actor.member.user
    )
    said, user = Remark(member.workplace), member.user
    audit.note(Event.MEMBERSHIP_CONFIRMED, actor, reason=said, person=user, by=actor.user)
