"""May this be done for whoever called, and must somebody else look at it first?

A caller is nobody until they have been called back on the number on record; what a case may do
then depends on what the account can do.
"""

from datetime import datetime, timedelta

from django.utils import timezone

from accounts.actor import Actor
from accounts.errors import Denied
from accounts.models.allowed_addresses import AllowedAddress
from accounts.models.cases import Case
from accounts.models.people import Practice, User, WorksAt
from accounts.people.new_accounts import check_can_activate
from accounts.roles import PRIVILEGED, Role
from accounts.text import email_addresses

# PyPI's lesson: to move the address and to reset the authenticator are each half of a take-over.
APART = timedelta(days=7)


NOT_YOUR_OWN = "You cannot do this for your own account. Ask a colleague"


def practice_of(user: User, *, now: datetime) -> Practice | None:
    """Return the practice that the account belongs to, and not the caller's.

    Of somebody who has left that one, where they work now, or are asked to: it is only where they
    are called back, and a second member looks at it.
    """
    return called_back_at(user.works_at(today=timezone.localdate(now)))


def called_back_at(works_at: WorksAt) -> Practice | None:
    """Do what ``practice_of`` does, where it is known already where somebody works."""
    found = works_at.home or next(iter(works_at.live or works_at.offers), None)
    return found.practice if found else None


def check_can_be_helped(user: User, works_at: WorksAt, actor: Actor) -> None:
    """Raise Denied where no case may do anything for somebody.

    Args:
        actor: who would; an operator at a console, who is no user, may help operators too.
    """
    who, memberships = user.full_name, works_at.live or works_at.offers
    if actor.user and actor.user.pk == user.pk:
        raise Denied(NOT_YOUR_OWN)
    if not user.is_active or not memberships:
        raise Denied(f"{who} is turned off everywhere: their practice turns them on again")
    if actor.user and any(each.role == Role.OPERATOR for each in memberships):
        raise Denied(f"Only an operator can do this for {who}, at a console")


def has_authenticator(user: User) -> bool:
    """Say whether somebody has what makes codes, or a passkey."""
    return user.authenticators.filter(confirmed=True).exists() or user.passkeys.usable().exists()


def check_can_reset(user: User, practice: Practice | None) -> None:
    """Raise Denied where there is nothing to reset, or a login is nobody's own."""
    check_is_one_person_s(user, practice)
    if not has_authenticator(user):
        raise Denied(
            f"{user.full_name} has no authenticator to reset. Give them a new activation code"
        )


def check_can_activate_again(user: User) -> None:
    """Raise Denied where somebody sets up no authenticator with an activation code."""
    check_can_activate(user)
    if has_authenticator(user):
        raise Denied(
            f"{user.full_name} has an authenticator. They choose another password themselves, with "
            "“I have forgotten my password” on the log-in page"
        )


def check_is_locked(user: User) -> None:
    if user.locked_at is None:
        raise Denied(f"{user.full_name} is not locked")


def check_is_one_person_s(user: User, practice: Practice | None) -> None:
    """Raise Denied where a login looks like one that several people share."""
    why = email_addresses.why_shared(
        user.email,
        names=(user.given_name, user.family_name),
        practice_name=practice.name if practice else "",
        ods_code=practice.ods_code if practice else "",
    )
    if why and not AllowedAddress.objects.covers(user.email):
        raise Denied(
            f"{user.email} looks like a login that several people share: {why}. Codes cannot "
            "work on it. Each of them needs a login of their own, from the practice administrator"
        )


def ready_at_once(user: User, *, since: datetime) -> datetime | None:
    """Return from when one member alone may do what sends a link to the person's own mailbox.

    None: only once a second one has approved, as with whatever is asked for where somebody has
    said lately that it was not them.
    """
    return None if Case.objects.keeps_locked(user, now=since) else since


def ready_at(user: User, *, since: datetime) -> datetime | None:
    """Return from when one member alone may do what opens an account; None as above."""
    if ready_at_once(user, since=since) is None:
        return None
    if user.email_changed_at and since - user.email_changed_at < APART:
        return None
    works_at = user.works_at(today=timezone.localdate(since))
    if works_at.home is None:  # nobody where they are called back answers for them
        return None
    is_privileged = any(each.role in PRIVILEGED for each in works_at.live)
    return since + Case.WAIT if is_privileged else since


def check_not_disputed(user: User, *, now: datetime) -> None:
    """Raise Denied where somebody has said lately that a request was not theirs."""
    if Case.objects.keeps_locked(user, now=now):
        raise Denied(
            f"{user.full_name} was locked because somebody said that a request to the service desk "
            "was not theirs. Only the service desk can unlock them"
        )
