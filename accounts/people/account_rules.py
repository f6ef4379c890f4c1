"""May this be done for whoever called, and must somebody else look at it first?

A caller is nobody until they have been called back on the number on record; what a case may do
then depends on what the account can do.
"""

from datetime import datetime, timedelta

from django.utils import timezone

from accounts.actor import Actor
from accounts.errors import DeniedError
from accounts.models.allowed_addresses import AllowedAddress
from accounts.models.cases import Case, Kind
from accounts.models.people import Practice, User, WorksAt
from accounts.people.new_accounts import check_can_activate
from accounts.roles import Role
from accounts.text import email_addresses

# PyPI's lesson: to move the address and to reset the authenticator are each half of a take-over.
APART = timedelta(days=7)


NOT_YOUR_OWN = "You cannot do this for your own account. Ask a colleague"


POWERFUL = frozenset({Role.PRACTICE_ADMINISTRATOR, Role.SERVICE_DESK})


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


def check_can_help(user: User, kind: Kind, actor: Actor) -> None:
    """Raise DeniedError where no case may do this for somebody.

    Args:
        actor: who would; an operator at a console, who is no user, may help operators too.
    """
    who, works_at = user.full_name, user.works_at(today=timezone.localdate(actor.now))
    memberships = works_at.live or works_at.offers
    if actor.user and actor.user.pk == user.pk:
        raise DeniedError(NOT_YOUR_OWN)
    if not user.is_active or not memberships:
        raise DeniedError(f"{who} is turned off everywhere: their practice turns them on again")
    if actor.user and any(each.role == Role.OPERATOR for each in memberships):
        raise DeniedError(f"Only an operator can do this for {who}, at a console")
    if kind is Kind.RESET:
        check_can_reset(user, called_back_at(works_at))
    elif kind is Kind.ACTIVATION:
        check_can_activate(user)
        if has_authenticator(user):
            raise DeniedError(
                f"{who} has an authenticator. They choose another password themselves, with “I "
                "have forgotten my password” on the log-in page"
            )
    elif user.stopped_at is None:
        raise DeniedError(f"{who} is not locked")


def has_authenticator(user: User) -> bool:
    """Say whether somebody has what makes codes, or a passkey."""
    return user.authenticators.filter(confirmed=True).exists() or user.passkeys.usable().exists()


def check_can_reset(user: User, practice: Practice | None) -> None:
    """Raise DeniedError where there is nothing to reset, or a login is nobody's own."""
    check_is_one_person_s(user, practice)
    if not has_authenticator(user):
        raise DeniedError(
            f"{user.full_name} has no authenticator to reset. Give them a new activation code"
        )


def check_is_one_person_s(user: User, practice: Practice | None) -> None:
    """Raise DeniedError where a login looks like one that several people share."""
    because = email_addresses.shared_because(
        user.email,
        names=(user.given_name, user.family_name),
        practice_name=practice.name if practice else "",
        ods_code=practice.ods_code if practice else "",
    )
    if because and not AllowedAddress.objects.covers(user.email):
        raise DeniedError(
            f"{user.email} looks like a login that several people share: {because}. Codes cannot "
            "work on it. Each of them needs a login of their own, from the practice administrator"
        )


def ready_at(user: User, kind: Kind, *, since: datetime) -> datetime | None:
    """Return from when one member alone may do it; None: only once a second one has approved.

    To unlock needs no second look, and to invite somebody once more neither: the one voids the
    password, and both send a link to the person's own mailbox. Where somebody has said lately that
    it was not them, whatever is asked for needs one.
    """
    if Case.objects.keeps_locked(user, now=since):
        return None
    if kind is Kind.UNLOCK or (kind is Kind.ACTIVATION and user.is_new):
        return since
    if user.email_changed_at and since - user.email_changed_at < APART:
        return None
    works_at = user.works_at(today=timezone.localdate(since))
    if works_at.home is None:  # nobody where they are called back answers for them
        return None
    is_powerful = any(each.role in POWERFUL for each in works_at.live)
    return since + Case.WAIT if is_powerful else since


def check_has_not_objected(user: User, *, now: datetime) -> None:
    """Raise DeniedError where somebody has said lately that a request was not theirs."""
    if Case.objects.keeps_locked(user, now=now):
        raise DeniedError(
            f"{user.full_name} was locked because somebody said that a request to the service desk "
            "was not theirs. Only the service desk can unlock them"
        )
