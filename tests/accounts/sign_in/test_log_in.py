"""What happens to people and their logging in, step by step and at once."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.db.models import QuerySet
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts import errors
from accounts.factors.passwords import Argon2id
from accounts.models.audit import AuditEvent
from accounts.models.credentials import Activation, Authenticator
from accounts.models.people import Membership, User
from accounts.models.sessions import PendingLogIn, Session, Step
from accounts.models.throttle import PER_PERSON, Throttle, subject_of_name
from accounts.people import new_accounts
from accounts.roles import Role
from accounts.sign_in import activation, expiry, log_in
from accounts.sign_in.second_factor import Code
from tests import factories
from tests.factories import ORIGIN, PASSWORD, acting
from tests.mails import keys_mailed
from tests.tools import code_for

pytestmark = pytest.mark.django_db
NOW = timezone.now()


def tries_of_people() -> "QuerySet[Throttle]":
    """Tries are counted by address too, and those stay counted."""
    return Throttle.objects.exclude(subject__startswith="address:")


class CountedArgon2id(Argon2id):
    """The real hash, counted."""

    hashes = 0

    def encode(self, password: str, salt: str) -> str:
        type(self).hashes += 1
        return super().encode(password, salt)

    def verify(self, password: str, encoded: str) -> bool:
        type(self).hashes += 1
        return super().verify(password, encoded)


def pending_with_password(user: User) -> PendingLogIn:
    log_in.accept_password(user.email, PASSWORD, actor=acting(now=NOW))
    return PendingLogIn.objects.latest("pk")


def rows_of(user: User) -> list[dict[str, Any]]:
    """What is stored of a user, but for what is each person's own; moments only as such."""
    own = {"id", "password", "email", "user_id", "practice_id", "person_id"}
    found: list[QuerySet[Any]] = [User.objects.filter(pk=user.pk), user.memberships.all()]
    found.append(AuditEvent.objects.filter(person=user))
    return [
        {
            name: type(value) if isinstance(value, datetime) else value
            for name, value in row.items()
            if name not in own
        }
        for rows in found
        for row in rows.values()
    ]


class TestInvite:
    """A login for one person."""

    def test_they_can_do_nothing_before_they_activate_it(self) -> None:
        user = factories.invited("jane@nhs.example")
        assert not user.has_usable_password()
        assert not user.authenticators.exists()

    @pytest.mark.parametrize("role", Role)
    def test_most_tests_begin_with_the_rows_that_it_leaves(self, role: Role) -> None:
        """``factories.person`` writes them itself."""
        made = factories.invited("jane@nhs.example", role=role)
        begun = factories.person(email="joan@nhs.example", role=role)
        assert rows_of(made) == rows_of(begun)
        assert len(rows_of(made)) == 3

    def test_the_user_name_is_folded(self) -> None:
        assert factories.invited(" Jane.Doe@NHS.example ").email == "jane.doe@nhs.example"

    def test_one_address_is_one_login(self) -> None:
        factories.person(email="jane@nhs.example")
        with pytest.raises(ValidationError, match="already has this email address"):
            factories.invited("Jane@nhs.example")

    def test_a_login_without_what_it_needs_leaves_nothing(self) -> None:
        with pytest.raises(ValidationError, match="practice_roles_have_a_practice"):
            new_accounts.invite(
                new_accounts.NewPerson("a@nhs.example", "A", "B", "Receptionist", Role.STAFF, None),
                acting(now=NOW),
            )
        assert not User.objects.exists()


class TestPassword:
    """The first step."""

    @pytest.mark.parametrize("make", ["unknown", "wrong", "turned off", "invited", "no membership"])
    def test_whatever_is_wrong_the_answer_is_the_same(self, user: User, make: str) -> None:
        password = PASSWORD
        if make == "unknown":
            user = User(email="nobody@nhs.example")
        elif make == "wrong":
            password = "three loud herons"
        elif make == "turned off":
            User.objects.update(is_active=False)
        elif make == "invited":
            user = factories.person()
        else:
            user.memberships.all().delete()
        with pytest.raises(errors.Denied) as denied:
            log_in.accept_password(user.email, password, actor=acting(now=NOW))
        assert str(denied.value) == log_in.WRONG_PASSWORD
        assert not PendingLogIn.objects.exists()

    @pytest.mark.parametrize("name", ["known", "unknown"])
    def test_unknown_and_wrong_cost_the_same_hash(self, user: User, name: str) -> None:
        email = user.email if name == "known" else "nobody@nhs.example"
        hasher = "tests.accounts.sign_in.test_log_in.CountedArgon2id"
        with override_settings(PASSWORD_HASHERS=[hasher]):
            CountedArgon2id.hashes = 0
            with pytest.raises(errors.Denied):
                log_in.accept_password(email, "wrong", actor=acting(now=NOW))
        assert CountedArgon2id.hashes == 1

    def test_unknown_and_known_people_wait_alike_after_five_tries(self, user: User) -> None:
        for name in (user.email, "nobody@nhs.example"):
            for _ in range(5):
                with pytest.raises(errors.Denied, match="not right"):
                    log_in.accept_password(name, "wrong", actor=acting(now=NOW))
            with pytest.raises(errors.Denied, match=r"Too many tries\. You can try again at"):
                log_in.accept_password(name, PASSWORD, actor=acting(now=NOW))

    def test_the_time_that_is_said_is_never_too_early(self, user: User) -> None:
        for _ in range(5):
            Throttle.objects.claim(subject_of_name("password", user.email, ORIGIN), now=NOW)
        noon = NOW.replace(hour=12, minute=0, second=1, microsecond=0)
        Throttle.objects.update(allowed_at=noon)
        with pytest.raises(errors.Denied, match="again at 12:01pm"):
            log_in.accept_password(user.email, PASSWORD, actor=acting(now=noon - timedelta(1)))

    def test_the_right_one_forgets_the_wrong_ones(self, user: User) -> None:
        for _ in range(4):
            with pytest.raises(errors.Denied):
                log_in.accept_password(user.email, "wrong", actor=acting(now=NOW))
        pending_with_password(user)
        assert not tries_of_people().exists()

    def test_it_is_no_session(self, user: User) -> None:
        assert pending_with_password(user).step == Step.CODE
        assert not Session.objects.exists()

    def test_without_an_authenticator_it_takes_an_activation_code(self) -> None:
        user = factories.with_password(factories.person())
        factories.authenticator(user, confirmed=False)
        assert pending_with_password(user).step == Step.ACTIVATION


@pytest.mark.needs("oathtool")
class TestCode:
    """The second step."""

    def code(self, user: User, seconds_off: int = 0) -> str:
        return code_for(user.authenticators.get().secret, seconds_off=seconds_off)

    def test_it_signs_in_once(self, user: User) -> None:
        pending = pending_with_password(user)
        log_in.sign_in(pending, Code(self.code(user)), acting(now=timezone.now()))
        session = Session.objects.get()
        assert (session.user, session.authenticator) == (user, user.authenticators.get())
        assert session.membership == user.home(today=timezone.localdate())
        assert not PendingLogIn.objects.exists()
        user.refresh_from_db()
        assert user.last_login is not None

        # The button pressed twice: not a second session, and not "you have used that code".
        with pytest.raises(errors.Gone):
            log_in.sign_in(pending, Code(self.code(user, 30)), acting(now=timezone.now()))
        assert Session.objects.count() == 1

    def test_a_wrong_one_leaves_the_log_in_where_it_was(self, user: User) -> None:
        pending = pending_with_password(user)
        with pytest.raises(errors.Denied, match="not right"):
            log_in.sign_in(pending, Code(self.code(user, 3600)), acting(now=timezone.now()))
        log_in.sign_in(pending, Code(self.code(user)), acting(now=timezone.now()))
        assert Session.objects.count() == 1
        assert not tries_of_people().exists()

    def test_another_user_s_code_is_wrong_and_tells_nothing_about_theirs(self, user: User) -> None:
        other = factories.active_person()
        pending = pending_with_password(user)
        for seconds_off in (0, -120):
            with pytest.raises(errors.Denied, match="That code is not right"):
                log_in.sign_in(
                    pending, Code(self.code(other, seconds_off)), acting(now=timezone.now())
                )

    def test_the_person_and_the_authenticator_are_locked_while_a_code_is_spent(
        self, user: User
    ) -> None:
        pending = pending_with_password(user)
        with CaptureQueriesContext(connection) as captured:
            log_in.sign_in(pending, Code(self.code(user)), acting(now=timezone.now()))
        statements = [query["sql"] for query in captured]
        person = next(i for i, sql in enumerate(statements) if sql.endswith("FOR NO KEY UPDATE"))
        device = next(i for i, sql in enumerate(statements) if sql.endswith("FOR UPDATE"))
        spent = next(i for i, sql in enumerate(statements) if '"last_step" = ' in sql)
        assert person < device < spent

    def test_who_lost_their_place_meanwhile_stays_out(self, user: User) -> None:
        pending = pending_with_password(user)
        user.memberships.all().delete()
        with pytest.raises(errors.Gone):
            log_in.sign_in(pending, Code(self.code(user)), acting(now=timezone.now()))
        assert not Session.objects.exists()

    def test_who_is_in_two_practices_signs_in_to_the_first(self, user: User) -> None:
        first = user.home(today=timezone.localdate())
        second = Membership.objects.create(
            user=user, practice=factories.practice(), role=Role.PRACTICE_ADMINISTRATOR
        )
        log_in.sign_in(
            pending_with_password(user), Code(self.code(user)), acting(now=timezone.now())
        )
        assert first
        assert first.pk < second.pk
        assert Session.objects.get().membership == first

    def test_wrong_ones_are_counted_for_the_person_whatever_they_begin_anew(
        self, user: User
    ) -> None:
        wrong = self.code(user, 3600)
        for _ in range(5):
            with pytest.raises(errors.Denied, match="not right"):
                log_in.sign_in(pending_with_password(user), Code(wrong), acting(now=timezone.now()))
        with pytest.raises(errors.Denied, match="Too many tries"):
            log_in.sign_in(
                pending_with_password(user), Code(self.code(user)), acting(now=timezone.now())
            )
        user.authenticators.all().delete()
        factories.authenticator(user)
        with pytest.raises(errors.Denied, match="Too many tries"):
            log_in.sign_in(
                pending_with_password(user), Code(self.code(user)), acting(now=timezone.now())
            )

    def test_one_that_is_not_confirmed_does_not_count(self, user: User) -> None:
        unconfirmed = factories.authenticator(user, confirmed=False)
        with pytest.raises(errors.Denied, match="not right"):
            log_in.sign_in(
                pending_with_password(user),
                Code(code_for(unconfirmed.secret)),
                acting(now=timezone.now()),
            )

    @pytest.mark.parametrize("change", [{"is_active": False}, {"session_epoch": 1}])
    def test_who_was_turned_off_a_moment_ago_stays_out(
        self, user: User, change: dict[str, int]
    ) -> None:
        pending = pending_with_password(user)  # as the middleware loaded it
        User.objects.update(**change)
        with pytest.raises(errors.Gone):
            log_in.sign_in(pending, Code(self.code(user)), acting(now=timezone.now()))
        assert not Session.objects.exists()


class TestActivation:
    """From an activation code to an authenticator."""

    def begin(self, user: User) -> PendingLogIn:
        code = new_accounts.issue_activation(user, acting(now=NOW))
        activation.accept_invitation(user.email.upper(), code.lower(), actor=acting(now=NOW))
        return PendingLogIn.objects.latest("pk")

    def set_up(self, user: User) -> PendingLogIn:
        pending = self.begin(user)
        activation.choose_password(pending, PASSWORD, acting(now=NOW))
        return PendingLogIn.objects.get(pk=pending.pk)

    @pytest.mark.parametrize("make", ["other's", "expired", "used", "turned off", "unknown"])
    def test_a_code_that_is_not_live_opens_nothing(self, make: str) -> None:
        user, other = factories.person(), factories.person()
        code = new_accounts.issue_activation(user, acting(now=NOW))
        now, name = NOW, user.email
        if make == "other's":
            code = new_accounts.issue_activation(other, acting(now=NOW))
        elif make == "expired":
            now += timedelta(hours=24)
        elif make == "used":
            Activation.objects.update(used_at=NOW)
        elif make == "turned off":
            User.objects.update(is_active=False)
        else:
            name = "nobody@nhs.example"
        with pytest.raises(errors.Denied) as denied:
            activation.accept_invitation(name, code, actor=acting(now=now))
        assert str(denied.value) == activation.WRONG_ACTIVATION

    def test_codes_cannot_be_guessed_at_will(self) -> None:
        user = factories.person()
        code = new_accounts.issue_activation(user, acting(now=NOW))
        for _ in range(5):
            with pytest.raises(errors.Denied, match="not right"):
                activation.accept_invitation(user.email, "7KQM-2XRW-9TPD", actor=acting(now=NOW))
        with pytest.raises(errors.Denied, match="Too many tries"):
            activation.accept_invitation(user.email, code, actor=acting(now=NOW))

    @pytest.mark.needs("oathtool")
    def test_the_first_code_confirms_it_spends_the_activation_and_signs_in(self) -> None:
        user = factories.person()
        pending = self.set_up(user)
        assert pending.authenticator
        code = code_for(pending.authenticator.secret)
        log_in.sign_in(pending, Code(code), acting(now=timezone.now()))
        session = Session.objects.select_related("user", "authenticator").get()
        assert session.why_ended(timezone.now()) is None
        assert session.authenticator
        assert session.authenticator.confirmed
        assert Activation.objects.get().used_at is not None

        # The code that confirmed it signs nobody in again.
        with pytest.raises(errors.Denied, match="used that code already"):
            log_in.sign_in(pending_with_password(user), Code(code), acting(now=timezone.now()))

    @pytest.mark.needs("oathtool")
    def test_two_set_ups_with_one_activation_end_in_one_authenticator(self) -> None:
        user = factories.person()
        code = new_accounts.issue_activation(user, acting(now=NOW))

        def begin() -> PendingLogIn:
            activation.accept_invitation(user.email, code, actor=acting(now=NOW))
            return PendingLogIn.objects.latest("pk")

        first, early = begin(), begin()
        activation.choose_password(first, PASSWORD, acting(now=NOW))
        first_secret = Authenticator.objects.get().secret
        # A user who had not chosen a password by then has to begin anew.
        with pytest.raises(errors.Gone):
            activation.choose_password(early, "another three words", acting(now=NOW))
        # Another who sets up from elsewhere does not share the secret: it is replaced.
        (link,) = keys_mailed(user)
        activation.accept_link(link, acting(now=NOW))
        second = PendingLogIn.objects.latest("pk")
        activation.choose_password(second, PASSWORD, acting(now=NOW))
        second_secret = Authenticator.objects.get().secret
        assert first_secret != second_secret
        with pytest.raises(errors.Gone):
            log_in.sign_in(first, Code(code_for(first_secret)), acting(now=timezone.now()))
        log_in.sign_in(second, Code(code_for(second_secret)), acting(now=timezone.now()))
        assert Authenticator.objects.get().confirmed

    @pytest.mark.needs("oathtool")
    @pytest.mark.parametrize("change", [{"used_at": NOW}, {"expires_at": NOW}])
    def test_an_activation_that_ended_meanwhile_confirms_nothing(
        self, change: dict[str, datetime]
    ) -> None:
        pending = self.set_up(factories.person())
        assert pending.authenticator
        Activation.objects.update(**change)
        with pytest.raises(errors.Gone):
            log_in.sign_in(
                pending, Code(code_for(pending.authenticator.secret)), acting(now=timezone.now())
            )
        assert not Authenticator.objects.get().confirmed
        assert not Session.objects.exists()

    def test_who_was_interrupted_goes_on_with_password_and_the_same_activation(self) -> None:
        user = factories.person()
        code = new_accounts.issue_activation(user, acting(now=NOW))
        activation.accept_invitation(user.email, code, actor=acting(now=NOW))
        activation.choose_password(PendingLogIn.objects.latest("pk"), PASSWORD, acting(now=NOW))
        user.refresh_from_db()
        pending = pending_with_password(user)
        assert pending.step == Step.ACTIVATION
        others = new_accounts.issue_activation(factories.person(), acting(now=NOW))
        for wrong in ("7KQM-2XRW-9TPD", others):
            with pytest.raises(errors.Denied, match="activation code is not right"):
                activation.accept_activation(pending, wrong, acting(now=NOW))
        with pytest.raises(errors.Denied, match="expired or been used"):
            activation.accept_activation(pending, code, acting(now=NOW + Activation.LIFETIME))
        activation.accept_activation(pending, code, acting(now=NOW))
        assert not tries_of_people().exists()
        assert pending.activation == Activation.objects.live(NOW).get(user=user)
        pending = PendingLogIn.objects.get(pk=pending.pk)
        assert pending.step == Step.SET_UP
        assert pending.is_live(NOW)

    def test_codes_cannot_be_guessed_with_the_password_either(self) -> None:
        user = factories.with_password(factories.person())
        code = new_accounts.issue_activation(user, acting(now=NOW))
        for _ in range(4):
            with pytest.raises(errors.Denied, match="not right"):
                activation.accept_activation(
                    pending_with_password(user), "7KQM-2XRW-9TPD", acting(now=NOW)
                )
        with pytest.raises(errors.Denied, match="not right"):
            activation.accept_invitation(user.email, "7KQM-2XRW-9TPD", actor=acting(now=NOW))
        with pytest.raises(errors.Denied, match="Too many tries"):
            activation.accept_activation(pending_with_password(user), code, acting(now=NOW))

    def test_the_right_code_forgets_the_wrong_ones(self) -> None:
        user = factories.person()
        code = new_accounts.issue_activation(user, acting(now=NOW))
        for _ in range(4):
            with pytest.raises(errors.Denied, match="not right"):
                activation.accept_invitation(user.email, "7KQM-2XRW-9TPD", actor=acting(now=NOW))
        activation.accept_invitation(user.email, code, actor=acting(now=NOW))
        assert not tries_of_people().exists()

    def test_a_new_code_leaves_the_record_of_one_that_was_used(self) -> None:
        user = factories.person()
        new_accounts.issue_activation(user, acting(now=NOW))
        Activation.objects.update(used_at=NOW)
        new_accounts.issue_activation(user, acting(now=NOW))
        assert Activation.objects.filter(used_at=NOW).count() == 1

    @pytest.mark.needs("oathtool")
    def test_a_code_of_an_authenticator_that_worked_before_confirms_no_new_one(
        self,
    ) -> None:
        user = factories.person()
        pending = self.set_up(user)
        working = factories.authenticator(user)
        with pytest.raises(errors.Denied, match="not right"):
            log_in.sign_in(pending, Code(code_for(working.secret)), acting(now=timezone.now()))
        assert user.authenticators.filter(confirmed=True).get() == working

    @pytest.mark.parametrize("ends", ["activation", "row"])
    def test_a_log_in_that_ended_meanwhile_changes_nothing_and_does_not_come_back(
        self, ends: str
    ) -> None:
        user = factories.person()
        pending = self.begin(user)  # as the middleware loaded it
        if ends == "activation":
            Activation.objects.update(used_at=NOW)
        else:
            PendingLogIn.objects.all().delete()
        with pytest.raises(errors.Gone):
            activation.choose_password(pending, PASSWORD, acting(now=NOW))
        user.refresh_from_db()
        assert not user.has_usable_password()
        assert not Authenticator.objects.exists()
        assert PendingLogIn.objects.count() == (1 if ends == "activation" else 0)

    def test_setting_one_up_leaves_those_that_work(self) -> None:
        user = factories.person()
        begun = self.begin(user)
        working = factories.authenticator(user)  # with the link, in another browser
        factories.authenticator(user, confirmed=False)
        activation.choose_password(begun, PASSWORD, acting(now=NOW))
        pending = PendingLogIn.objects.get(pk=begun.pk)
        assert set(user.authenticators.all()) == {working, pending.authenticator}

    def test_choosing_a_password_ends_every_session(self, client: Client) -> None:
        user = factories.person()
        pending = self.begin(user)
        factories.sign_in(client, user)
        activation.choose_password(pending, PASSWORD, acting(now=NOW))
        assert Session.objects.get().why_ended(timezone.now())


class TestForgettingWhatHasExpired:
    """A day later: until then it says why it opens nothing any more."""

    def test_sessions(self, user: User) -> None:
        for _ in range(3):
            factories.sign_in(Client(), user)
        idle, long, live = Session.objects.order_by("pk")
        day = timedelta(days=1)
        Session.objects.filter(pk=idle.pk).update(last_seen_at=NOW - timedelta(hours=1) - day)
        Session.objects.filter(pk=long.pk).update(created_at=NOW - timedelta(hours=12) - day)
        expiry.forget_expired(now=NOW - timedelta(seconds=1))
        assert Session.objects.count() == 3
        expiry.forget_expired(now=NOW)
        assert Session.objects.get() == live

    def test_log_ins_under_way(self, user: User) -> None:
        pending = pending_with_password(user)
        expiry.forget_expired(now=pending.expires_at + timedelta(hours=23))
        assert PendingLogIn.objects.exists()
        expiry.forget_expired(now=pending.expires_at + timedelta(days=1))
        assert not PendingLogIn.objects.exists()

    def test_tries_that_nobody_has_gone_on_with(self) -> None:
        for _ in range(PER_PERSON.free):
            Throttle.objects.claim("somebody", now=NOW)
        expiry.forget_expired(now=NOW + timedelta(hours=23))
        assert Throttle.objects.get().tries == PER_PERSON.free
        Throttle.objects.claim("somebody", now=NOW + timedelta(hours=23))
        expiry.forget_expired(now=NOW + timedelta(hours=25))
        assert Throttle.objects.exists()
        expiry.forget_expired(now=NOW + timedelta(hours=47))
        assert not Throttle.objects.exists()
