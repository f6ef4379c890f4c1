"""What may be done to an account for a caller, and whether a second person must approve it.

A caller is nobody until they have been called back on the number on record; what a case may do then
depends on what the account can do.
"""

from datetime import datetime, timedelta

from django.utils import timezone

from accounts.actor import Actor
from accounts.errors import Denied
from accounts.models.allowed_addresses import AllowedAddress
from accounts.models.cases import Case
from accounts.models.people import Practice, User, WorksAt
from accounts.people.new_accounts import why_shared
from accounts.roles import PRIVILEGED, Role

# PyPI's lesson: a new e-mail address and a new authenticator are each half of a take-over.
APART = timedelta(days=7)
NOT_YOUR_OWN = "You cannot do this for your own account. Ask a colleague"


def practice_of(user: User, *, now: datetime) -> Practice | None:
    """The practice that the account belongs to, whatever the caller says.

    For a user who has left that one: where they work now, or are asked to. There they are only
    called back, and a second member approves.
    """
    return called_back_at(user.works_at(today=timezone.localdate(now)))


def called_back_at(works_at: WorksAt) -> Practice | None:
    found = works_at.home or next(iter(works_at.live or works_at.offers), None)
    return found.practice if found else None


def check_can_be_helped(user: User, works_at: WorksAt, actor: Actor) -> None:
    """An operator at a console, who is no user, may help operators too."""
    who, memberships = user.full_name, works_at.live or works_at.offers
    if actor.user and actor.user.pk == user.pk:
        raise Denied(NOT_YOUR_OWN)
    if not user.is_active or not memberships:
        raise Denied(f"{who} is turned off everywhere: their practice turns them on again")
    if actor.user and any(each.role == Role.OPERATOR for each in memberships):
        raise Denied(f"Only an operator can do this for {who}, at a console")


def has_authenticator(user: User) -> bool:
    return user.authenticators.filter(confirmed=True).exists() or user.passkeys.usable().exists()


def check_can_reset(user: User, practice: Practice | None) -> None:
    check_is_one_person_s(user, practice)
    if not has_authenticator(user):
        raise Denied(
            f"{user.full_name} has no authenticator to reset. Give them a new activation code"
        )


def check_is_locked(user: User) -> None:
    if user.locked_at is None:
        raise Denied(f"{user.full_name} is not locked")


def check_is_one_person_s(user: User, practice: Practice | None) -> None:
    why = why_shared(user, practice)
    if why and not AllowedAddress.objects.covers(user.email):
        raise Denied(
            f"{user.email} looks like a shared login: {why}. Codes do not work with shared logins. "
            "Each person needs their own login, from the practice administrator"
        )


def ready_at_once(user: User, *, since: datetime) -> datetime | None:
    """From when one member alone may do what only sends a link to the user's own mailbox.

    None: a second member must approve, since the user said lately that a request was not theirs.
    """
    return None if Case.objects.keeps_locked(user, now=since) else since


def ready_at(user: User, *, since: datetime) -> datetime | None:
    """From when one member alone may do what opens an account; None: a second must approve."""
    if ready_at_once(user, since=since) is None:
        return None
    if user.email_changed_at and since - user.email_changed_at < APART:
        return None
    works_at = user.works_at(today=timezone.localdate(since))
    if works_at.home is None:  # the practice that is called back does not know the account's owner
        return None
    is_privileged = any(each.role in PRIVILEGED for each in works_at.live)
    return since + Case.WAIT if is_privileged else since


def check_not_disputed(user: User, *, now: datetime) -> None:
    if Case.objects.keeps_locked(user, now=now):
        raise Denied(
            f"{user.full_name} was locked because someone said that a request to the service desk "
            "was not theirs. Only the service desk can unlock them"
        )
