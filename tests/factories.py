"""Rows for tests, made as the product makes them: plain keyword functions."""

import json
import uuid
from datetime import datetime, timedelta
from functools import cache
from itertools import count
from typing import Any

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.test import Client
from django.utils import timezone

from accounts import audit, mail
from accounts.actor import Actor
from accounts.factors.passwords import Argon2id
from accounts.models.audit import Event, Remark
from accounts.models.credentials import Authenticator
from accounts.models.mail import Mail, Trouble
from accounts.models.passkeys import Passkey
from accounts.models.people import IntegratedCareBoard, Membership, Practice, User, fold_user_name
from accounts.models.sessions import PendingLogIn, Session, Step
from accounts.origin import Origin
from accounts.people import new_accounts
from accounts.roles import Role
from accounts.sign_in import activation, log_in, passkeys
from referrals import actions, drafts, stops
from referrals.completeness import named
from referrals.details import Details
from referrals.models.pharmacies import Pharmacy, UsualPharmacy
from referrals.models.referrals import Referral
from referrals.views.form_token import FormToken
from tests.clinical_content import FIRST, answered
from tests.software_authenticator import SoftwareAuthenticator

PASSWORD = "three quiet herons"
ORIGIN = Origin("192.0.2.7", "Firefox, in tests")
_numbers = count(1)


def acting(by: Membership | User | None = None, *, now: datetime, origin: Origin = ORIGIN) -> Actor:
    """Return who does something in a test: a member, a user, or nobody whom we know."""
    if isinstance(by, Membership):
        return Actor(by, by.user, origin, now)
    return Actor(None, by, origin, now)


def strict_browser() -> Client:
    """Return a browser whose form tokens are checked; our own pages' origin is https://testserver."""
    headers = {"x-forwarded-proto": "https", "host": "testserver"}
    return Client(enforce_csrf_checks=True, headers=headers)


def practice(*, ods_code: str = "", name: str = "Larkfield Surgery") -> Practice:
    icb, _ = IntegratedCareBoard.objects.get_or_create(ods_code="QZ9", name="Westmere")
    return Practice.objects.create(
        ods_code=ods_code or f"Z{next(_numbers):05}",
        name=name,
        address="12 Larkfield Road, Westmere",
        postcode="WM1 2AB",
        phone="01632 960101",
        icb=icb,
    )


def new_person(**changes: Any) -> new_accounts.NewPerson:
    """What is typed of a user whom an administrator adds."""
    usual: dict[str, Any] = {
        "email": "ida.hill@larkfield.example",
        "given_name": "Ida",
        "family_name": "Hill",
        "job_role": "Receptionist",
        "role": Role.STAFF,
    }
    return new_accounts.NewPerson(**usual | changes)


def person(
    *,
    email: str = "",
    role: Role = Role.STAFF,
    at: Practice | None = None,
    given_name: str = "Jane",
    family_name: str = "Doe",
    hashed: str = "",
) -> User:
    """A user invited, who has neither password nor authenticator.

    These are the rows that ``new_accounts.invite`` leaves, without its many queries that look at
    every value first: nearly every test needs a user. ``invited`` asks it itself. ``hashed`` is a
    password's hash, of one who has one.
    """
    user = User(
        email=fold_user_name(email or f"jane.{next(_numbers)}@larkfield.example"),
        given_name=given_name,
        family_name=family_name,
        job_role="Receptionist",
    )
    user.password = hashed or make_password(None)
    user.save(force_insert=True)
    works_at = (at or practice()) if role.is_in_a_practice else None
    Membership.objects.create(user=user, practice=works_at, role=role)
    now = timezone.now()
    audit.note(Event.PERSON_INVITED, acting(now=now), reason=Remark(role), person=user)
    return user


def invited(email: str, *, role: Role = Role.STAFF) -> User:
    """A user whom the action itself has let in, or refused."""
    where = practice() if role.is_in_a_practice else None
    new = new_accounts.NewPerson(email, "Jane", "Doe", "Receptionist", role, where)
    return new_accounts.invite(new, acting(now=timezone.now()))


@cache
def _hashed(_memory: int) -> str:
    """Hash it once for everybody: that is made to take long."""
    return make_password(PASSWORD)


def with_password(user: User) -> User:
    user.password = _hashed(Argon2id.memory_cost)  # some tests hash with less work
    user.save()
    return user


def authenticator(user: User, *, confirmed: bool = True) -> Authenticator:
    made = Authenticator.make(user, name="Authenticator app")
    made.confirmed = confirmed
    made.save()
    return made


def unsent_mail(to: str, *, trouble: str = "", minutes: int = 11, **changes: Any) -> Mail:
    """Store an e-mail that has not gone out: final where its address does not exist."""
    then = timezone.now() - timedelta(minutes=minutes)
    made = mail.made(to, mail.Words("A subject", "Hello Jo,\n"), now=then)
    made.trouble = trouble
    if trouble == Trouble.NO_SUCH_ADDRESS:
        made.next_try_at, made.sealed_words = None, b""
    for name, value in changes.items():
        setattr(made, name, value)
    made.save()
    return made


def passkey(user: User, **device: Any) -> tuple[Passkey, SoftwareAuthenticator]:
    """A passkey and what makes it, added as the account page does."""
    made = SoftwareAuthenticator(**device)
    now = timezone.now()
    session = sign_in(Client(), user)
    asked = passkeys.ask_for_new_passkey(session, now=now)
    answer = json.dumps(made.make(asked))
    passkeys.add_passkey(session, "Reception computer", answer, acting(now=now))
    session.delete()
    user.refresh_from_db(fields=["session_epoch"])
    return Passkey.objects.latest("pk"), made


def active_person(*, role: Role = Role.STAFF, at: Practice | None = None) -> User:
    """A user with a password and an authenticator."""
    user = person(role=role, at=at, hashed=_hashed(Argon2id.memory_cost))
    authenticator(user)
    if role is Role.PRACTICE_ADMINISTRATOR:
        user.last_login = timezone.now()  # who has never logged in looks after nobody
        user.save(update_fields=["last_login"])
    return user


def member(*, role: Role = Role.STAFF, at: Practice | None = None) -> Membership:
    """A user who works in a practice."""
    membership = active_person(role=role, at=at).home(today=timezone.localdate())
    assert membership
    return membership


def form_token(by: Membership, referral_id: uuid.UUID) -> FormToken:
    """The token of a form that a member has opened, in the session that they have begun last."""
    return FormToken.open(Session.objects.filter(user=by.user).latest("pk"), referral_id)


def pharmacy(**fields: Any) -> Pharmacy:
    """A pharmacy that a referral can reach, but for what ``fields`` say."""
    number = next(_numbers)
    usual: dict[str, Any] = {
        "ods_code": f"QX{number:03}",
        "name": "Well Street Pharmacy",
        "address": "4 Well Street, Westmere",
        "postcode": "WM1 3DE",
        "phone": "01632 960201",
        "opening_hours": "Mon to Fri 9am to 6pm",
        "dos_service_id": f"20000{number:05}",
        "endpoint": "http://127.0.0.1:9",  # nobody is there
        "offers_pharmacy_first": True,
    }
    return Pharmacy.objects.create(**usual | fields)


def picked(practice: Practice, *pharmacies: Pharmacy) -> None:
    """Let a practice have picked some pharmacies, in this order."""
    UsualPharmacy.objects.bulk_create(
        UsualPharmacy(practice=practice, pharmacy=each, position=position)
        for position, each in enumerate(pharmacies)
    )


def details(**changes: Any) -> Details:
    """What is written in a whole referral."""
    whole: dict[str, Any] = {
        "nhs_number": "9990000018",
        "given_name": "Winifred",
        "family_name": "Ashworth",
        "birth_day": "15",
        "birth_month": "3",
        "birth_year": "1984",
        "sex": "female",
        "address_line_1": "8 Tanners Row",
        "town": "Westmere",
        "postcode": "TS18 1AB",
        "spoken_to": "self",
        "phone": "+447700900982",
        "consent": "yes",
        "pathway": "sore_throat",
        "phone_owner": "patient",
        "complaint": "Sore throat for 3 days",
        "duration": "3 days",
        "answers": {"q_emergency": "none", "q_sore_throat_red_flags": "none"},
        "content_pack": FIRST.version,
    }
    whole |= changes
    whole["answers"] = answered(whole["answers"])
    made = Details(**whole)
    return made if "reason" in changes else named(made, FIRST)


def draft(*, by: Membership | None = None, to: Pharmacy | None = None, **changes: Any) -> Referral:
    """A referral that has been written and not sent."""
    written = details(**{"pharmacy": (to or pharmacy()).ods_code} | changes)
    return drafts.save(uuid.uuid4(), written, actor=acting(by or member(), now=timezone.now()))


def sent(
    *,
    by: Membership | None = None,
    to: Pharmacy | None = None,
    at: datetime | None = None,
    **changes: Any,
) -> Referral:
    """A referral that is on its way; nobody has tried to deliver it yet."""
    by = by or member()
    made = draft(by=by, to=to, **changes)
    now = at or timezone.now()
    known = {each.id for each in made.earlier(made.details, now=now).all}
    actions.send(made, made.details, known=known, actor=acting(by, now=now))
    if at:  # as if the database's clock had shown it
        made.messages.update(
            created_at=at, next_attempt_at=at, give_up_at=at + settings.GIVE_UP_AFTER
        )
    return made


def stopped(*, by: Membership | None = None, **written: str) -> Referral:
    """A referral that an emergency has stopped, with as little in it as is said."""
    answers = {"q_emergency": "some", "q_emergency_chest_pain": "yes"}
    found = stops.record(
        uuid.uuid4(),
        Details(**written, answers=answers, content_pack=FIRST.version),
        base=drafts.BaseVersion(0, uuid.uuid4()),
        is_complete=False,
        actor=acting(by or member(), now=timezone.now()),
    )
    return Referral.objects.get(pk=found)


def sign_in(client: Client, user: User) -> Session:
    """Give the browser a session, as a right code does."""
    now = timezone.now()
    [membership, *_] = user.live_memberships(today=timezone.localdate())
    key = Session.begin(
        user=user,
        now=now,
        authenticator=user.authenticators.filter(confirmed=True).first() or authenticator(user),
        membership=membership,
        last_seen_at=now,
        address=ORIGIN.address,
        browser=ORIGIN.browser,
    )
    client.cookies[settings.SESSION_COOKIE_NAME] = key
    return Session.objects.latest("pk")


def confirmed(session: Session) -> Session:
    """Have the person of a session confirm who they are, as password and code do."""
    session.confirmed_at = timezone.now()
    session.save(update_fields=["confirmed_at"])
    return session


def begin_log_in(client: Client, user: User, step: Step) -> PendingLogIn:
    """Bring the browser to a step of logging in, as the views do."""
    now = timezone.now()
    if step is Step.CODE:
        if not user.authenticators.filter(confirmed=True).exists():
            authenticator(user)
        key = log_in.accept_password(with_password(user).email, PASSWORD, actor=acting(now=now))
    elif step is Step.ACTIVATION:
        key = log_in.accept_password(with_password(user).email, PASSWORD, actor=acting(now=now))
    elif User.objects.get(pk=user.pk).has_usable_password():  # interrupted before
        code = new_accounts.issue_activation(user, acting(now=now))
        key = log_in.accept_password(user.email, PASSWORD, actor=acting(now=now))
        activation.accept_activation(PendingLogIn.objects.latest("pk"), code, acting(now=now))
    else:
        code = new_accounts.issue_activation(user, acting(now=now))
        key = activation.accept_invitation(user.email, code, actor=acting(now=now))
        if step is Step.SET_UP:
            activation.choose_password(PendingLogIn.objects.latest("pk"), PASSWORD, acting(now=now))
    client.cookies[settings.PENDING_COOKIE_NAME] = key
    pending = PendingLogIn.objects.latest("pk")
    assert pending.step == step
    return pending
