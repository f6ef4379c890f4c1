"""What cases do to accounts, in the caller's transaction, with the user's row locked."""

from datetime import timedelta

from accounts import audit
from accounts.actor import Actor
from accounts.factors import activation_codes
from accounts.models.audit import Event, Remark
from accounts.models.cases import Case
from accounts.models.credentials import Authenticator
from accounts.models.people import User
from accounts.models.sessions import Session
from accounts.people import memberships, new_accounts, offers
from accounts.people.invitations import let_in
from accounts.roles import Role
from accounts.sign_in import credentials
from accounts.sign_in.lockout import unlock_person

CODE_LIFETIME = timedelta(hours=1)  # read out on the call-back, typed at once


def reset(case: Case, actor: Actor) -> str:
    """Remove authenticators and passkeys, end all sessions, and return a code to set up anew.

    The code is worth nothing without the password; where that is void, a link to choose one goes to
    the user's mailbox.
    """
    user = case.account
    user.session_epoch += 1
    user.authenticator_reset_at = actor.now
    user.save(update_fields=["session_epoch", "authenticator_reset_at"])
    # Not deleted with the authenticators: the sessions tell the browser why they have ended.
    Session.objects.filter(user=user).update(authenticator=None, passkey=None)
    Authenticator.objects.filter(user=user).delete()
    user.passkeys.all().delete()
    audit.note(Event.AUTHENTICATOR_RESET, actor, person=user, by=actor.user)
    if user.locked_at:
        unlock_person(user, actor)
        user.refresh_from_db()
    elif not user.has_usable_password():
        credentials.void_password(user, actor)
    return _give_code(user, actor)


def activate(case: Case, actor: Actor) -> str:
    """Return a code, or "" for a new account, whose user gets it by e-mail."""
    user = case.account
    if user.is_new:  # what opens an account by itself goes to the user's mailbox only
        new_accounts.issue_activation(user, actor)
        return ""
    return _give_code(user, actor)


def unlock_account(case: Case, actor: Actor) -> str:
    unlock_person(case.account, actor)
    return ""


def _give_code(user: User, actor: Actor) -> str:
    """Return a code that is worth nothing without the password; earlier ones stop working."""
    code = activation_codes.new()
    made = new_accounts.activation(user, code, "", now=actor.now, lifetime=CODE_LIFETIME)
    new_accounts.replace_activation(made, actor)
    return code


def make_administrator(case: Case, actor: Actor) -> str:
    """Return a new account's activation code, or ""."""
    practice = case.practice
    assert practice  # noqa: S101  such a case names one
    if case.person:
        member = case.person.memberships.get(practice=practice)
        memberships.change_role(member, Role.PRACTICE_ADMINISTRATOR, actor)
        return ""
    person = new_accounts.NewPerson(
        email=case.email,
        given_name=case.given_name,
        family_name=case.family_name,
        job_role=case.job_role,
        role=Role.PRACTICE_ADMINISTRATOR,
        practice=practice,
    )
    assert actor.user  # noqa: S101  nobody does so at a console
    case.person, code = let_in(person, practice, actor)
    return code


def take_powers_back(case: Case, actor: Actor) -> None:
    person = case.account
    theirs = person.memberships.filter(practice=case.practice)
    for member in theirs.select_related("practice").exclude(offered_role=""):
        member.user = person
        offers.withdraw(member, actor)
        return
    if case.email:  # the case made the membership
        theirs.update(off_at=actor.now)
        event = Event.MEMBERSHIP_OFF
    else:
        theirs.update(role=Role.STAFF)
        event = Event.ROLE_CHANGED
    audit.note(event, actor, reason=Remark(f"case {case.pk}"), person=person)
