"""Logging in and out: a password, then a code or a passkey."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from accounts import audit, notices, prepared
from accounts.actor import Actor
from accounts.errors import Denied, Gone
from accounts.factors import passwords
from accounts.keys import hash_of_key
from accounts.models.audit import WRONG_BY_PURPOSE, AuditEvent, AuditReason, Event, Factor, Remark
from accounts.models.cases import Case
from accounts.models.credentials import CONFIRMED, Activation, Authenticator
from accounts.models.passkeys import Passkey, Purpose
from accounts.models.people import User
from accounts.models.sessions import LoggedOut, PendingLogIn, Session, Step
from accounts.models.throttle import Throttle, knows
from accounts.origin import Origin
from accounts.sign_in import credentials
from accounts.sign_in.attempts import Tries, hold, person_named
from accounts.sign_in.exemptions import NO_EXEMPTION, Exemption
from accounts.sign_in.lockout import SecondFactorTry
from accounts.sign_in.second_factor import Proof
from accounts.topics import Topic
from accounts.web import browsers
from accounts.web.access import Destination

HOME = Destination()
WRONG_PASSWORD = "The username or password is not right"  # noqa: S105  a message

LOCKED_OUT = (
    "This account is locked because of too many wrong codes, or because someone reported a problem "
    "with it. Ask your practice administrator or the service desk to unlock it"
)

REPORTED = (
    "This account is locked because someone reported that a request to the service desk was not "
    "theirs. Only the service desk can unlock it"
)


def accept_password(
    user_name: str,
    password: str,
    then: Destination = HOME,
    *,
    exemption: Exemption = NO_EXEMPTION,
    actor: Actor,
) -> str:
    """Take the first step with a password; return the key of the log-in under way.

    An unknown or deactivated user name and a wrong password look the same and take as long.

    Args:
        exemption: lets the password be checked although it was tried too often.

    Raises:
        Denied: they are not right, or were tried too often.
    """
    tries = Tries("password", user_name, Factor.PASSWORD, actor)
    tries.begin(lambda: exemption.spend(user_name, now=actor.now))
    user = person_named(user_name, now=actor.now)
    if user is None:
        passwords.take_as_long(password)
        tries.refuse(None, AuditReason.UNKNOWN_OR_OFF)
        raise Denied(WRONG_PASSWORD, topic=Topic.PASSWORD)
    if not user.check_password(password):
        tries.refuse(user, AuditReason.WRONG)
        raise Denied(WRONG_PASSWORD, topic=Topic.PASSWORD)
    if user.locked_at:
        tries.refuse(user, AuditReason.LOCKED)
        is_reported = Case.objects.keeps_locked(user, now=actor.now)
        raise Denied(REPORTED if is_reported else LOCKED_OUT, topic=Topic.TOO_MANY_TRIES)
    step = Step.CODE if CONFIRMED.first(user=user.pk) else Step.ACTIVATION
    with transaction.atomic():
        tries.accept(user)
        next_path = then.path_for(user.pk)
        return PendingLogIn.begin(user=user, now=actor.now, step=step, next_path=next_path)


def sign_in(pending: PendingLogIn, proof: Proof, actor: Actor) -> str:
    """Take the last step, with a code or a passkey; return the session's key.

    Where an authenticator is set up, its first code confirms it.

    Raises:
        Denied: it was not accepted, or codes and passkeys were tried too often.
        Gone: the log-in is not there any more, or there is nothing to sign in as.
    """
    with SecondFactorTry(proof, Purpose.LOG_IN, pending, actor).accepted() as (user, used):
        _spend(pending, now=actor.now)
        return _begin_session(user, used, proof.factor, actor)


def _spend(pending: PendingLogIn, *, now: datetime) -> None:
    """Spend the log-in under way and its activation, so that a second press does nothing."""
    prepared.delete(pending)
    if pending.activation_id:
        Activation.objects.filter(pk=pending.activation_id).update(used_at=now)


def _begin_session(user: User, used: Authenticator | Passkey, factor: Factor, actor: Actor) -> str:
    today = timezone.localdate(actor.now)
    works_at = user.works_at(today=today)
    live, asked = works_at.live, works_at.offers
    if not live and not asked:
        raise Gone
    if isinstance(used, Authenticator) and not used.confirmed:
        credentials.add_authenticator(user, used, actor)
    elif not knows(actor.origin.device, user.email):
        _tell_of_new_location(user, actor)
    user.last_login = actor.now
    prepared.update(user, "last_login")
    audit.note(Event.SESSION_BEGAN, actor, factor=factor, person=user)
    return Session.begin(
        user=user,
        now=actor.now,
        authenticator=used if isinstance(used, Authenticator) else None,
        passkey=used if isinstance(used, Passkey) else None,
        membership=(live or asked)[0],
        has_chosen=len(live) == 1 and not asked,  # offers are answered first
        can_switch=len(live) > 1,
        is_asked=bool(asked),
        last_seen_at=actor.now,
        address=actor.origin.address,
        browser=actor.origin.browser,
        device=actor.origin.device.id if actor.origin.device else "",
    )


def _tell_of_new_location(user: User, actor: Actor) -> None:
    """E-mail the user about a log-in from a new location, but not about their first log-in.

    If their browser deletes its cookies every day, the network address shows the location.
    """
    earlier = AuditEvent.objects.filter(person=user, event=Event.SESSION_BEGAN)
    addresses = earlier.values_list("address", flat=True).distinct()
    lines = {Origin(address, "").line for address in addresses}
    if lines and actor.origin.line not in lines:
        notices.new_location(
            user,
            browser=browsers.name_of(actor.origin.browser),
            network_address=actor.origin.address or "unknown",
            now=actor.now,
        )


def unlock_screen(session: Session, password: str, actor: Actor) -> str:
    """Go on with a session whose screen is locked; return its new key.

    Raises:
        Denied: the password is not right, or was tried too often.
        Gone: the session has ended meanwhile.
    """
    check_password(session.user, password, AuditReason.TO_UNLOCK_SCREEN, actor)
    return session.renew(now=actor.now, confirmed_at=None)


def check_password(user: User, password: str, purpose: AuditReason, actor: Actor) -> None:
    """Check the password of a signed-in user; tries count with those of the log-in page."""
    tries = Tries("password", user.email, Factor.PASSWORD, actor)
    tries.begin()
    if not user.check_password(password):
        tries.refuse(user, WRONG_BY_PURPOSE[purpose])
        raise Denied("The password is not right", topic=Topic.PASSWORD)
    tries.accept(user, purpose)


def confirm(session: Session, password: str, proof: Proof, actor: Actor) -> str:
    """Take password and code or passkey of somebody who is signed in; return the new key.

    Raises:
        Denied: password, code or passkey were not accepted, or tried too often. Where it is the
            password, the code is not spent.
        Gone: the session has ended meanwhile.
    """
    # First: a passkey's challenge is spent whatever the password is.
    second_factor_try = SecondFactorTry(proof, Purpose.CONFIRM, session, actor)
    check_password(session.user, password, AuditReason.TO_CONFIRM, actor)
    with second_factor_try.accepted():
        key = session.renew(now=actor.now, confirmed_at=actor.now)
        audit.note(Event.SESSION_CONFIRMED, actor, factor=proof.factor, person=session.user)
        return key


def choose(session: Session, number: int, actor: Actor) -> str:
    """Go on under one of the person's memberships; return the session's new key.

    Args:
        number: of the membership.

    Raises:
        Gone: it is none of theirs, or the session has ended meanwhile.
    """
    with transaction.atomic():
        user = hold(session, now=actor.now)
        memberships = user.live_memberships(today=timezone.localdate(actor.now))
        chosen = next((each for each in memberships if each.pk == number), None)
        if chosen is None:
            raise Gone
        fields = {"membership": chosen, "has_chosen": True, "can_switch": len(memberships) > 1}
        key = session.renew(now=actor.now, confirmed_at=None, **fields)
        reason = chosen.practice.ods_code if chosen.practice else chosen.role
        audit.note(Event.MEMBERSHIP_CHOSEN, actor, reason=Remark(reason), person=user)
    return key


def end(session: Session, *, reason: AuditReason, actor: Actor) -> None:
    session.delete()
    audit.note(Event.SESSION_ENDED, actor, reason=reason, person=session.user)


def log_out(session: Session, *, reason: AuditReason, actor: Actor) -> None:
    """End a session on its user's request: its open pages can store nothing any more."""
    with transaction.atomic():
        LoggedOut.objects.bulk_create(
            [LoggedOut(session_number=session.pk, at=actor.now)], ignore_conflicts=True
        )
        end(session, reason=reason, actor=actor)


def abandon(key: str) -> None:
    if key:
        PendingLogIn.objects.filter(key_hash=hash_of_key(key)).delete()


def refuse_access(session: Session, route: str, actor: Actor) -> None:
    """Note that the user asked for a page of another role: each page once in a quarter of an hour.

    Args:
        route: the page's name, which holds no identifier.
    """
    if not Throttle.objects.is_first(f"refused:{session.user_id}:{route}", now=actor.now):
        return
    audit.note(Event.ACCESS_REFUSED, actor, reason=Remark(route), person=session.user)
