"""Who may open which case."""

from datetime import datetime

from django.utils import timezone

from accounts.actor import Actor
from accounts.errors import Denied, Gone
from accounts.models.cases import Case, administrators
from accounts.models.people import Membership, Practice, User, can_act
from accounts.models.practice_people import MIN_ADMINISTRATORS
from accounts.people import account_rules, new_accounts
from accounts.roles import Role


def check_is_member(actor: Actor) -> None:
    """Raises Gone: they were a member when the page was opened."""
    live = Membership.objects.live(actor.today).filter(user__is_active=True)
    if not live.filter(pk=actor.member.pk, role=Role.SERVICE_DESK).exists():
        raise Gone


def check_number_on_record(practice: Practice | None) -> None:
    if practice and not practice.phone_on_record:
        raise Denied(
            f"There is no phone number on record for {practice}. An operator has to set one first"
        )


def check_needs_administrator(practice: Practice, *, now: datetime) -> None:
    """A practice with enough administrators makes others itself."""
    today = timezone.localdate(now)
    if practice.is_closed(today=today):
        raise Denied(practice.closed_in_words)
    there = administrators(practice.pk, today=today).filter(can_act()).order_by("pk")
    if len(there) >= MIN_ADMINISTRATORS:
        names = ", ".join(each.full_name for each in there[:3])
        raise Denied(f"{practice} already has administrators, who can add more: {names}")


def check_can_reset(case: Case, actor: Actor) -> None:
    user, practice = _helped(case, actor)
    account_rules.check_can_reset(user, practice)


def check_can_activate(case: Case, actor: Actor) -> None:
    user, _ = _helped(case, actor)
    new_accounts.check_can_activate(user)
    if account_rules.has_authenticator(user):
        raise Denied(
            f"{user.full_name} has an authenticator. They can choose another password themselves, "
            "with “I have forgotten my password” on the login page"
        )


def check_can_unlock(case: Case, actor: Actor) -> None:
    user, _ = _helped(case, actor)
    account_rules.check_is_locked(user)


def _helped(case: Case, actor: Actor) -> tuple[User, Practice | None]:
    works_at = case.account.works_at(today=actor.today)
    account_rules.check_can_be_helped(case.account, works_at, actor)
    return case.account, account_rules.called_back_at(works_at)


def check_can_make_administrator(case: Case, actor: Actor) -> None:
    practice, person = case.practice, case.person
    assert practice  # noqa: S101  such a case names one
    check_needs_administrator(practice, now=actor.now)
    if person:
        membership = person.memberships.select_related("user").get(practice=practice)
        check_works_at(membership, practice, now=actor.now)
        _check_can_rise(membership)
        account_rules.check_is_one_person_s(membership.user, practice)


def check_works_at(membership: Membership, practice: Practice, *, now: datetime) -> None:
    is_there = membership.practice_id == practice.pk and membership.user.is_active
    if not is_there or not membership.is_live(today=timezone.localdate(now)):
        raise Denied(f"{membership.user.full_name} does not work at {practice} now")


def _check_can_rise(membership: Membership) -> None:
    who = membership.user.full_name
    if membership.role == Role.PRACTICE_ADMINISTRATOR:
        raise Denied(f"{who} is already an administrator")
    if membership.has_offer:
        raise Denied(
            f"{who} has already been asked, and becomes an administrator once they log in and "
            "accept"
        )
    if membership.user.locked_at:
        raise Denied(f"{who} is locked. Unlock them first")
