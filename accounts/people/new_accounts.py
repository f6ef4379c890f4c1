"""Making logins, and letting people activate them."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from accounts import audit, keys, notices
from accounts.actor import Actor
from accounts.errors import Denied
from accounts.factors import activation_codes
from accounts.models.allowed_addresses import AllowedAddress
from accounts.models.audit import Event, Remark
from accounts.models.credentials import Activation
from accounts.models.people import Membership, Practice, User, fold_user_name
from accounts.people import offers
from accounts.roles import Role
from accounts.text import clean_text, email_addresses, names


@dataclass(frozen=True)
class NewPerson:
    """What is known about somebody who is invited."""

    email: str
    given_name: str
    family_name: str
    job_role: str
    role: Role
    practice: Practice | None = None
    ends_on: date | None = None


CALLED = {
    "given_name": names.why_no_name,
    "family_name": names.why_no_name,
    "job_role": names.why_no_label,
}


def check_names(user: User, fields: Collection[str] = CALLED) -> None:
    """Raise ValidationError where a name or job role is a message: it goes out in e-mails.

    Args:
        fields: which are checked, of those and others.
    """
    wrong = {field: CALLED[field](getattr(user, field)) for field in CALLED if field in fields}
    if found := {field: why for field, why in wrong.items() if why}:
        raise ValidationError(found)


def check_address(
    user: User, practice: Practice | None, *, allowed: Collection[str] | None = None
) -> None:
    """Raise ValidationError where names and address are not one person's.

    Codes cannot work on a login that people share, and nobody could say who did what.

    Args:
        allowed: mailboxes that may be, if they have been looked up already.
    """
    called = (user.given_name, user.family_name)
    is_personal = email_addresses.is_personal(called)
    why = email_addresses.why_shared(
        user.email,
        names=called,
        practice_name=practice.name if practice else "",
        ods_code=practice.ods_code if practice else "",
    )
    if is_personal and not why:
        return
    if allowed is None:
        allowed = AllowedAddress.objects.among([user.email])
    if email_addresses.mailbox(user.email) in allowed:
        return
    if not is_personal:
        message = (
            "Enter the name of one person: a login is for them alone. If this is what they are "
            "called, ask the service desk to allow their address"
        )
        raise ValidationError({"given_name": message})
    if why:
        message = (
            f"This looks like an address that several people share: {why}. Enter an e-mail "
            "address that only this person reads. If only they read this one, ask the service "
            "desk to allow it"
        )
        raise ValidationError({"email": message})


def why_closed(practice: Practice | None, *, today: date) -> ValidationError | None:
    """Return why nobody new can come where the practice has closed."""
    if practice is None or not practice.is_closed(today=today):
        return None
    return ValidationError(
        {
            "practice": f"{practice.closed_in_words}. Nobody new can be added to it: add them to "
            "the practice that they work at now"
        }
    )


def account_of(person: NewPerson, *, allowed: Collection[str] | None = None) -> User:
    """Return somebody's new account, not stored, once its own values are right.

    Raises:
        django.core.exceptions.ValidationError: a value is refused.
    """
    user = User(
        email=fold_user_name(person.email),
        given_name=clean_text.line(person.given_name),
        family_name=clean_text.line(person.family_name),
        job_role=clean_text.line(person.job_role),
    )
    user.set_unusable_password()
    user.clean_fields()
    check_names(user)
    check_address(user, person.practice, allowed=allowed)
    return user


def invite(person: NewPerson, actor: Actor) -> User:
    """Create a login and what it is in its practice; ``issue_activation`` lets them in.

    Raises:
        django.core.exceptions.ValidationError: a value is refused, the login exists, or the
            practice has closed.
    """
    if closed := why_closed(person.practice, today=timezone.localdate(actor.now)):
        raise closed
    user = account_of(person)
    user.validate_unique()
    user.validate_constraints()
    with transaction.atomic():
        user.save()
        membership = Membership(
            user=user, practice=person.practice, role=person.role, ends_on=person.ends_on
        )
        membership.full_clean()
        membership.save()
        audit.note(
            Event.PERSON_INVITED, actor, reason=Remark(person.role), person=user, by=actor.user
        )
    return user


def change_role(membership: Membership, role: Role, actor: Actor) -> None:
    """Make somebody something else where they are, and tell them.

    With fewer powers it is so at once, and their sessions end. With more it is offered, and takes
    effect when they accept it: but whoever was never in has chosen no password yet, and no
    account is theirs before they do.

    Raises:
        django.core.exceptions.ValidationError: there is no such role where they are.
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


def may_activate_by_link(user: User) -> bool:
    """Say whether a link by e-mail may activate the account: only one that was never active.

    Whoever has had a password or an authenticator needs more: an e-mail is no factor.
    """
    return user.is_new and not user.authenticators.filter(confirmed=True).exists()


def check_can_activate(user: User) -> None:
    """Raise Denied where an activation would open nothing."""
    if user.locked_at:
        raise Denied("The account is locked. Unlock it first")
    if not user.authenticators.filter(confirmed=True).exists():
        return
    if user.has_usable_password():
        raise Denied("The account is active: it has a password and an authenticator app")
    raise Denied(
        "The account has an authenticator app. Another password is chosen with “I have forgotten "
        "my password” on the log-in page"
    )


def issue_activation(user: User, actor: Actor) -> str:
    """Return a new one-time activation code; earlier ones that were not used are void.

    Whoever was never active gets a link by e-mail too, which does the same. For everybody else it
    counts after the password only, also while that is void, and they are told: else whoever gives
    it out could open the account with it.

    Args:
        actor: who gives it out; no user for an operator at a console.

    Raises:
        Denied: it would open nothing.
    """
    check_can_activate(user)
    code, key = activation_codes.new(), keys.new()
    with transaction.atomic():
        is_mailed = may_activate_by_link(user)
        Activation.objects.filter(user=user, used_at=None).delete()
        activation(user, code, key if is_mailed else "", now=actor.now).save()
        audit.note(Event.ACTIVATION_ISSUED, actor, person=user, by=actor.user)
        if not is_mailed:
            notices.activation_code_issued(user, by=actor.user, now=actor.now)
        else:
            home = user.home(today=timezone.localdate(actor.now))
            link = notices.activation_link(user, key, member=home, by=actor.user, now=actor.now)
            link.save(force_insert=True)
    return code


def activation(user: User, code: str, key: str, *, now: datetime) -> Activation:
    """Return what a new code, and a link with a key unless that is empty, will open."""
    return Activation(
        user=user,
        code_hash=Activation.hash_of(code),
        link_hash=keys.hash_of_key(key) if key else None,
        needs_password=not key,
        created_at=now,
        expires_at=now + Activation.LIFETIME,
    )
