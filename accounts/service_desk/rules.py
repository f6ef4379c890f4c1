"""Who may open a case, and for which practice."""

from datetime import datetime

from django.utils import timezone

from accounts.actor import Actor
from accounts.errors import DeniedError, GoneError
from accounts.models.cases import administrators
from accounts.models.people import Membership, Practice, can_act
from accounts.models.practice_people import ENOUGH
from accounts.roles import Role


def check_is_member(actor: Actor) -> None:
    """Raise GoneError where somebody is no member of the service desk any more."""
    live = Membership.objects.live(timezone.localdate(actor.now)).filter(user__is_active=True)
    if not live.filter(pk=actor.member.pk, role=Role.SERVICE_DESK).exists():
        raise GoneError


def check_number_on_record(practice: Practice | None) -> None:
    """Raise DeniedError where nobody of the practice could have been called back."""
    if practice and not practice.phone_on_record:
        raise DeniedError(
            f"There is no phone number on record for {practice}. An operator has to set one first"
        )


def check_needs_administrator(practice: Practice, *, now: datetime) -> None:
    """Raise DeniedError where a practice's own administrators make others."""
    today = timezone.localdate(now)
    if practice.is_closed(today=today):
        raise DeniedError(practice.closed_in_words)
    there = administrators(practice.pk, today=today).filter(can_act()).order_by("pk")
    if len(there) >= ENOUGH:
        names = " or ".join(each.full_name for each in there[:3])
        raise DeniedError(f"{practice} already has administrators, who can add more: ask {names}")
