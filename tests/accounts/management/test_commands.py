"""What an operator types: invite a user, help a user in."""

from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from accounts import errors
from accounts.models.audit import AuditEvent, Event
from accounts.models.cases import Case, CaseState
from accounts.models.credentials import Activation, PasswordLink
from accounts.models.people import User
from accounts.models.sessions import PendingLogIn
from accounts.people import new_accounts
from accounts.roles import Role
from accounts.sign_in import activation, log_in
from tests import factories
from tests.factories import PASSWORD, acting
from tests.mails import keys_mailed, mailed

pytestmark = pytest.mark.django_db
NAMES = {"given_name": "Jane", "family_name": "Doe", "job_role": "Receptionist"}


def run(*arguments: str, **options: Any) -> str:
    output = StringIO()
    call_command(*arguments, **options, stdout=output)
    return output.getvalue()


class TestInvite:
    """``manage.py invite``."""

    def test_it_prints_a_code_that_works(self) -> None:
        practice = factories.practice()
        said = run(
            "invite", "Jane@nhs.example", role="staff", practice=practice.ods_code.lower(), **NAMES
        )
        assert "We are emailing them an activation link" in said
        assert "jane@nhs.example can activate the account within a day with" in said
        assert keys_mailed(User.objects.get())
        activation.accept_invitation(
            "jane@nhs.example", said.split()[-1], actor=acting(now=timezone.now())
        )
        membership = User.objects.get().home(today=timezone.localdate())
        assert membership
        assert (membership.role, membership.practice) == (Role.STAFF, practice)

    def test_what_is_pasted_is_taken_and_a_name_is_no_message(self) -> None:
        code = f"\u200b{factories.practice().ods_code}\u00a0"
        how = {"role": "staff", "practice": code}
        run("invite", "<jane@nhs.example>;", **how, **NAMES | {"given_name": "Jose\u0301 \u200b"})
        user = User.objects.get()
        assert (user.email, user.given_name) == ("jane@nhs.example", "Jos\u00e9")
        with pytest.raises(CommandError, match="Enter only the name"):
            run("invite", "x@nhs.example", **how, **NAMES | {"given_name": "see phish.example"})

    def test_the_service_desk_has_no_practice(self) -> None:
        run("invite", "jane.desk@nhs.example", role="service_desk", **NAMES)
        membership = User.objects.get().home(today=timezone.localdate())
        assert membership
        assert membership.practice is None

    @pytest.mark.parametrize(
        ("email", "role", "practice", "words"),
        [
            ("jane@nhs.example", "staff", None, "needs --practice"),
            ("jane@nhs.example", "operator", "Z91001", "belongs to no practice"),
            ("jane@nhs.example", "staff", "Q00000", "No practice has the ODS code Q00000"),
            ("not an address", "operator", None, "Enter a valid email address"),
            ("taken@nhs.example", "operator", None, "already has this email address"),
        ],
    )
    def test_what_is_wrong_is_said(
        self, email: str, role: str, practice: str | None, words: str
    ) -> None:
        factories.person(email="taken@nhs.example")
        with pytest.raises(CommandError, match=words):
            run("invite", email, role=role, practice=practice, **NAMES)
        assert User.objects.count() == 1


class TestNewActivationCode:
    """``manage.py new_activation_code``."""

    def test_it_replaces_the_one_that_was_not_used(self) -> None:
        user = factories.person(email="jane@nhs.example")
        old = new_accounts.issue_activation(user, acting(now=timezone.now()))
        said = run("new_activation_code", "Jane@nhs.example")
        assert "We are emailing them an activation link" in said
        new = keys_mailed(user)[-1]
        assert Activation.objects.with_link(new, now=timezone.now())
        with pytest.raises(errors.Denied):
            activation.accept_invitation(user.email, old, actor=acting(now=timezone.now()))
        activation.accept_invitation(user.email, said.split()[-1], actor=acting(now=timezone.now()))

    def test_who_was_active_gets_no_e_mail_and_that_is_said(self) -> None:
        user = factories.with_password(factories.person())
        said = run("new_activation_code", user.email)
        assert "No link was emailed" in said
        assert list(mailed(user)) == ["A new activation code for your PharmRefer account"]
        assert keys_mailed(user) == []
        log_in.accept_password(user.email, PASSWORD, actor=acting(now=timezone.now()))
        pending = PendingLogIn.objects.latest("pk")
        activation.accept_activation(pending, said.split()[-1], acting(now=timezone.now()))

    @pytest.mark.parametrize(
        ("is_locked", "words"),
        [(False, "has a password and an authenticator app"), (True, "Unlock it first")],
    )
    def test_one_that_would_open_nothing_is_not_made(self, is_locked: bool, words: str) -> None:
        user = factories.active_person()
        if is_locked:
            User.objects.update(locked_at=timezone.now())
        with pytest.raises(CommandError, match=words):
            run("new_activation_code", user.email)
        assert not Activation.objects.exists()

    def test_whose_password_is_void_and_who_has_an_authenticator_needs_none(self) -> None:
        user = factories.person()
        factories.authenticator(user)
        with pytest.raises(CommandError, match="I have forgotten my password"):
            run("new_activation_code", user.email)

    def test_a_name_that_nobody_has_is_said(self) -> None:
        with pytest.raises(CommandError, match="Nobody has the username"):
            run("new_activation_code", "x@nhs.example")


class TestUnlock:
    """``manage.py unlock``."""

    def test_it_lets_a_locked_user_in_again_and_says_what_is_to_do(self) -> None:
        user = factories.active_person()
        User.objects.update(locked_at=timezone.now())
        said = run("unlock", user.email.upper())
        user.refresh_from_db()
        assert user.locked_at is None
        assert "Their password no longer works: we are emailing them a link" in said
        (key,) = keys_mailed(user)
        assert PasswordLink.with_key(key, now=timezone.now())
        event = AuditEvent.objects.latest("pk")
        assert (event.event, event.person, event.address) == ("person:unlocked", user, None)
        assert event.browser.startswith("manage.py, ")

    @pytest.mark.parametrize("typed", ["<{}>", "mailto:{};", "\u200b{}\u00a0", "Jane Doe <{}>,"])
    def test_a_user_name_is_taken_as_it_was_pasted(self, typed: str) -> None:
        user = factories.active_person()
        User.objects.update(locked_at=timezone.now())
        assert f"{user.email} is unlocked" in run("unlock", typed.format(user.email))

    def test_who_is_not_locked_keeps_their_password(self) -> None:
        user = factories.active_person()
        with pytest.raises(CommandError, match="is not locked"):
            run("unlock", user.email)
        user.refresh_from_db()
        assert user.has_usable_password()

    def test_a_name_that_nobody_has_is_said(self) -> None:
        with pytest.raises(CommandError, match="Nobody has the username"):
            run("unlock", "x@nhs.example")


class TestResetAuthenticator:
    """``manage.py reset_authenticator``."""

    def test_it_prints_a_code_and_tells_everybody(self) -> None:
        user = factories.active_person(role=Role.SERVICE_DESK)
        said = run("reset_authenticator", user.email.upper(), reason="Nobody else on duty")
        code = said.split()[-1]
        assert not user.authenticators.exists()
        assert Activation.objects.get().code_hash == Activation.hash_of(code)
        assert "Your authenticator was reset in PharmRefer" in mailed(user)
        case = Case.objects.get()
        assert (case.by, case.reason, case.state) == (None, "Nobody else on duty", CaseState.DONE)
        noted = AuditEvent.objects.get(event=Event.AUTHENTICATOR_RESET)
        assert noted.browser.startswith("manage.py, ")

    def test_an_operator_s_too(self) -> None:
        user = factories.active_person(role=Role.OPERATOR)
        run("reset_authenticator", user.email, reason="New phone")
        assert not user.authenticators.exists()

    @pytest.mark.parametrize(
        ("reason", "words"), [(" ", "1 to 300 characters"), ("x" * 301, "1 to 300 characters")]
    )
    def test_it_wants_a_reason(self, reason: str, words: str) -> None:
        user = factories.active_person()
        with pytest.raises(CommandError, match=words):
            run("reset_authenticator", user.email, reason=reason)
        assert user.authenticators.exists()

    def test_nobody_and_nothing_to_reset(self) -> None:
        with pytest.raises(CommandError, match="Nobody has the username"):
            run("reset_authenticator", "x@nhs.example", reason="x")
        with pytest.raises(CommandError, match="has no authenticator to reset"):
            run("reset_authenticator", factories.person().email, reason="x")


class TestSetPracticePhone:
    """``manage.py set_practice_phone``."""

    def test_another_number_than_ods_has_and_back(self) -> None:
        practice = factories.practice(ods_code="Z91001")
        said = run("set_practice_phone", "z91001", "01632  960 999", reason="ODS is wrong")
        assert "calls Larkfield Surgery (Z91001) back on 01632 960 999" in said
        practice.refresh_from_db()
        assert (practice.phone, practice.phone_on_record) == ("01632 960101", "+441632960999")
        assert practice.has_new_phone(today=timezone.localdate())
        noted = AuditEvent.objects.get(event=Event.PHONE_CHANGED)
        assert noted.reason == "Z91001: ODS is wrong"
        assert "back on 01632 960 101" in run(
            "set_practice_phone", "Z91001", "ods", reason="mended in ODS"
        )

    def test_the_same_number_is_not_new(self) -> None:
        practice = factories.practice(ods_code="Z91001")
        run("set_practice_phone", "Z91001", "01632 960101", reason="x")
        practice.refresh_from_db()
        assert practice.phone_changed_on is None

    @pytest.mark.parametrize(
        ("code", "phone", "reason", "words"),
        [
            ("Q00000", "01632 960999", "x", "No practice has the ODS code Q00000"),
            ("Z91001", "call me", "x", "call me cannot be set: Enter a phone number"),
            ("Z91001", "01632 96010", "x", "have 11 digits, and this one has 10"),
            ("Z91001", "0000000000", "x", "Enter a phone number that exists"),
            ("Z91001", "0845 123 4567", "x", "others cost the caller more"),
            ("Z91001", "01632 960999", " ", "Say why with --reason"),
        ],
    )
    def test_what_is_refused(self, code: str, phone: str, reason: str, words: str) -> None:
        practice = factories.practice(ods_code="Z91001")
        with pytest.raises(CommandError, match=words):
            run("set_practice_phone", code, phone, reason=reason)
        practice.refresh_from_db()
        assert practice.phone_override == ""
