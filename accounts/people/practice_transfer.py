"""Moving a practice's members to the practice that takes it over."""

from dataclasses import dataclass, field
from datetime import date, datetime

from django.db import transaction
from django.utils import timezone

from accounts import audit, notices
from accounts.actor import Actor
from accounts.errors import Denied
from accounts.models.audit import Event, Remark
from accounts.models.people import Membership, Practice
from accounts.sign_in import credentials

LONGEST_REASON = 70  # characters: what the audit takes, less the practices' codes


@dataclass(frozen=True)
class Moved:
    """What a transfer has done: memberships at the new practice, and at the old one."""

    added: list[Membership] = field(default_factory=list)
    there_already: list[Membership] = field(default_factory=list)  # left as they were
    ending: list[Membership] = field(default_factory=list)  # with a new last day


def check_can_move(here: Practice, there: Practice, *, last_day: date, today: date) -> None:
    if here.pk == there.pk:
        raise Denied("People are moved from one practice to another one")
    if there.is_closed(today=today):
        raise Denied(there.closed_in_words)
    if last_day < today:
        raise Denied("The last day must be today or later")


def move_people(
    here: Practice, there: Practice, *, last_day: date, reason: str, actor: Actor
) -> Moved:
    """Give each member the same role at the other practice, and a last day at the first.

    A membership that the user already has there stays as it is, turned off or not: its
    administrators have decided so. An earlier last day stays, and applies there too. Accounts of
    the old practice belong to the new one. Open offers move along. Done again, it does nothing.
    """
    if not 0 < len(reason) <= LONGEST_REASON:
        raise Denied(f"Give a reason of {LONGEST_REASON} characters or fewer")
    today, moved = actor.today, Moved()
    with transaction.atomic():
        here, there = _locked(here, there)
        check_can_move(here, there, last_day=last_day, today=today)
        said = Remark(f"{here.ods_code} to {there.ods_code}: {reason}")
        live = Membership.objects.live(today).filter(practice=here, user__is_active=True)
        for member in live.select_related("user").order_by("user"):
            member.practice = here
            if joined := _move(member, there, moved, last_day=last_day, now=actor.now):
                user, event = member.user, Event.MEMBERSHIP_MOVED
                audit.note(event, actor, reason=said, person=user, by=actor.user)
                notices.membership_transferred(member, joined, now=actor.now)
        notices.administrators_added(moved.added, by=actor.user, now=actor.now)
    return moved


def _locked(here: Practice, there: Practice) -> tuple[Practice, Practice]:
    both = Practice.objects.filter(pk__in=(here.pk, there.pk)).order_by("pk")
    found = {each.pk: each for each in both.select_for_update(no_key=True, of=("self",))}
    return found[here.pk], found[there.pk]


def _move(
    member: Membership, there: Practice, moved: Moved, *, last_day: date, now: datetime
) -> Membership | None:
    """The membership at the other practice, or None where nothing has changed."""
    user, today = member.user, timezone.localdate(now)
    theirs = Membership.objects.select_related("practice", "user").filter(user=user, practice=there)
    found = theirs.first()
    # An open offer to join is no membership yet, and an operator needs nobody to accept it.
    is_there = found is not None and found.accepted_at is not None
    if found and is_there:
        moved.there_already.append(found)
        made = found
    else:
        made = _made(member, there, found, now=now)
        moved.added.append(made)
    if user.works_at(today=today).belongs_to == member.practice_id and made.is_live(today=today):
        user.home_practice = there
        user.save(update_fields=["home_practice"])
    is_ending = member.ends_on is None or member.ends_on > last_day
    if is_ending:
        member.ends_on = last_day
        member.save(update_fields=["ends_on"])
        moved.ending.append(member)
    credentials.let_switch(user, now=now)
    return made if is_ending or not is_there else None


def _made(
    member: Membership, there: Practice, found: Membership | None, *, now: datetime
) -> Membership:
    made = found or Membership(user=member.user, practice=there)
    made.role, made.ends_on, made.off_at = member.role, member.ends_on, None
    made.offered_role, made.offered_by = member.offered_role, member.offered_by
    made.offered_at = member.offered_at
    made.accepted_at = now
    made.full_clean()
    made.save()
    return made
