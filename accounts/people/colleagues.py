"""What administrators do with the accounts of their members, if those belong to the practice.

Other practices only say what a member may do there (``memberships``): else a practice could take
over an account by adding it.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime

from django.conf import settings
from django.core.exceptions import ValidationError

from accounts import audit, notices
from accounts.actor import Actor
from accounts.errors import Denied, Gone
from accounts.models.audit import Event, Remark
from accounts.models.credentials import Activation, PasswordLink
from accounts.models.former_addresses import FormerAddress
from accounts.models.people import Membership, User, fold_user_name
from accounts.models.shared_logins import Dismissal, SharedLoginIndicator
from accounts.people import account_rules, new_accounts
from accounts.people.account_rules import APART, check_not_disputed, has_authenticator
from accounts.people.memberships import administering, check_not_yourself
from accounts.people.new_accounts import check_address, check_names, issue_activation
from accounts.sign_in.lockout import unlock_person
from accounts.wording import day


@dataclass(frozen=True)
class AccountDetails:
    """What a user's account says of them in every practice."""

    email: str
    given_name: str
    family_name: str
    job_role: str


def check_can_change_account(member: Membership, *, today: date) -> None:
    works_at = member.user.works_at(today=today)
    if works_at.is_looked_after_by(member.practice_id):
        return
    who, home = member.user.full_name, works_at.home
    if home is None or home.practice is None:
        raise Denied(f"Only the service desk can do this for {who}")
    where = home.workplace
    raise Denied(f"The account of {who} belongs to {where}. Ask there, or the service desk")


def unlock_colleague(number: int, actor: Actor) -> None:
    with administering(number, actor) as member:
        check_not_yourself(member, actor.member)
        check_can_change_account(member, today=actor.today)
        account_rules.check_is_locked(member.user)
        check_not_disputed(member.user, now=actor.now)
        unlock_person(member.user, actor)


def say_one_person(number: int, actor: Actor) -> None:
    """Hide the shared-login indicators seen up to today; raises Gone where there are none."""
    with administering(number, actor) as member:
        check_not_yourself(member, actor.member)
        check_can_change_account(member, today=actor.today)
        if not SharedLoginIndicator.objects.of(member.user_id, today=actor.today).exists():
            raise Gone
        said = {"by": actor.member.user, "day": actor.today}
        Dismissal.objects.update_or_create(person=member.user, defaults=said)
        audit.note(Event.SHARED_LOGIN_DISMISSED, actor, person=member.user, by=actor.user)


def activate_again(number: int, actor: Actor) -> str:
    with administering(number, actor) as member:
        check_not_yourself(member, actor.member)
        check_can_change_account(member, today=actor.today)
        if not member.is_live(today=actor.today):
            raise Denied(f"{member.user.full_name} is turned off. Turn them on first")
        return issue_activation(member.user, actor)


def change_details(number: int, details: AccountDetails, actor: Actor) -> str:
    """Return an activation code where the user needs a new one, else "".

    All addresses of the last 30 days are told. A user who has never logged in is invited at the new
    address, and what was sent to the old one stops working.
    """
    with administering(number, actor) as member:
        check_can_change_account(member, today=actor.today)
        user, before = member.user, member.user.email
        asked = replace(details, email=fold_user_name(details.email))
        changed = [name for name, value in vars(asked).items() if value != getattr(user, name)]
        if not changed:
            return ""
        for name in changed:
            setattr(user, name, getattr(asked, name))
        is_moved = "email" in changed
        check_names(user, changed)
        if is_moved:
            _check_can_move(user, now=actor.now)
        if {"email", "given_name", "family_name"}.intersection(changed):
            check_address(user, member.practice)
        if is_moved:
            user.email_changed_at, user.email_before = actor.now, before
        user.full_clean()
        user.save(update_fields=[*changed, "email_changed_at", "email_before"])
        if is_moved:
            user.former_addresses.create(email=before, left_at=actor.now)
        said = Remark(", ".join(changed))
        audit.note(Event.PERSON_CHANGED, actor, reason=said, person=user, by=actor.user)
        notices.details_changed(user, before=before, by=actor.member.user, now=actor.now)
        return _move(user, member, actor) if is_moved else ""


def _check_can_move(user: User, *, now: datetime) -> None:
    """A new address soon after a new authenticator could take an account from its owner."""
    if user.authenticator_reset_at and not has_authenticator(user):
        message = (
            "Their authenticator was reset, and they have not set up another one yet. For their "
            "safety you cannot change the email address before they have"
        )
        raise ValidationError({"email": message})
    if user.authenticator_reset_at and now - user.authenticator_reset_at < APART:
        until = day(user.authenticator_reset_at + APART)
        message = (
            "Their authenticator was reset a few days ago. For their safety you cannot change the "
            f"email address before {until}"
        )
        raise ValidationError({"email": message})


def _move(user: User, member: Membership, actor: Actor) -> str:
    """Void links sent to the old address; return a new activation code, or ""."""
    PasswordLink.objects.filter(user=user).delete()
    voided, _ = Activation.objects.live(actor.now).filter(user=user).delete()
    Activation.objects.filter(user=user, used_at=None).delete()
    is_invited = new_accounts.may_activate_by_link(user) or voided
    if is_invited and member.is_live(today=actor.today):
        return issue_activation(user, actor)
    return ""


def check_can_reset_colleague(member: Membership, actor: Actor) -> None:
    if not settings.PRACTICES_RESET:
        raise Denied("Only the service desk can reset authenticators")
    check_not_yourself(member, actor.member)
    check_can_change_account(member, today=actor.today)
    works_at = member.user.works_at(today=actor.today)
    account_rules.check_can_be_helped(member.user, works_at, actor)
    account_rules.check_can_reset(member.user, account_rules.called_back_at(works_at))
    ready_at = account_rules.ready_at(member.user, since=actor.now)
    moved_at = member.user.email_changed_at
    # Whether or not the user has moved it themselves: the old address may be the right one.
    has_moved = moved_at is not None and actor.now - moved_at < FormerAddress.NOTIFIED_FOR
    if ready_at is None or ready_at > actor.now or has_moved:
        raise Denied(f"Only the service desk can do this for {member.user.full_name}")
