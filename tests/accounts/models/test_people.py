"""What the rows themselves hold to, whatever the code above them does."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, IntegrityError, connection
from django.test import Client, override_settings
from django.utils import timezone

from accounts import encryption
from accounts.errors import Gone
from accounts.models.credentials import Activation, Authenticator
from accounts.models.people import Membership, User
from accounts.models.sessions import Ended, PendingLogIn, Session, Step
from accounts.people import new_accounts
from accounts.roles import Role
from tests import factories
from tests.factories import acting
from tests.tools import code_for

pytestmark = pytest.mark.django_db
NOW = timezone.now()


@pytest.mark.parametrize("role", Role)
def test_practice_roles_have_a_practice_and_the_others_none(role: Role) -> None:
    user = factories.person()
    practice = None if role.is_in_a_practice else factories.practice()
    with pytest.raises(IntegrityError, match="practice_roles_have_a_practice"):
        Membership.objects.create(user=user, practice=practice, role=role)


def test_a_role_that_is_not_in_the_table_is_refused() -> None:
    with pytest.raises(IntegrityError, match="practice_roles_have_a_practice"):
        Membership.objects.create(user=factories.person(), role="superuser")


def test_nobody_is_in_a_practice_twice() -> None:
    practice = factories.practice()
    user = factories.person(at=practice)
    with pytest.raises(IntegrityError, match="one_membership_a_practice"):
        Membership.objects.create(user=user, practice=practice, role=Role.PRACTICE_ADMINISTRATOR)


def test_nobody_is_at_the_service_desk_and_an_operator() -> None:
    user = factories.person(role=Role.SERVICE_DESK)
    with pytest.raises(IntegrityError, match="one_membership_a_practice"):
        Membership.objects.create(user=user, role=Role.OPERATOR)


def test_a_user_name_is_stored_in_lower_case_only() -> None:
    user = factories.person()
    user.email = "Jane@nhs.example"
    with pytest.raises(IntegrityError, match="user_email_is_lower_case"):
        user.save()


@pytest.mark.parametrize(
    "email", ["a?b@nhs.example", "a:b@nhs.example", "ä@nhs.example", "jane", ""]
)
def test_a_user_name_that_an_app_would_mangle_is_refused(email: str) -> None:
    with pytest.raises(ValidationError):
        factories.invited(email) if email else User(email=email).full_clean()


class TestAuthenticator:
    """Its secret, and its codes."""

    def test_the_secret_is_not_in_the_database(self) -> None:
        made = factories.authenticator(factories.person())
        with connection.cursor() as cursor:
            cursor.execute("SELECT row_to_json(a)::text FROM accounts_authenticator a")
            stored = cursor.fetchone()[0]
        assert made.secret not in stored
        assert made.secret.encode().hex() not in stored

    def test_the_secret_of_one_person_does_not_open_for_another(self) -> None:
        mine, theirs = (factories.authenticator(factories.person()) for _ in range(2))
        mine.sealed_secret = theirs.sealed_secret
        with pytest.raises(encryption.CannotOpenError):
            _ = mine.secret

    @pytest.mark.needs("oathtool")
    def test_a_code_is_accepted_once_and_older_ones_never_again(self) -> None:
        made = factories.authenticator(factories.person())
        codes = [code_for(made.secret, seconds_off=off) for off in (-30, 0)]
        assert made.verify_token(codes[1])
        assert not made.verify_token(codes[1])
        assert not made.verify_token(codes[0])
        assert made.last_used_at is not None

    @pytest.mark.needs("oathtool")
    def test_a_wrong_code_changes_nothing(self) -> None:
        made = factories.authenticator(factories.person())
        assert made.verify_token(code_for(made.secret, seconds_off=3600)) is False
        assert (made.last_step, made.last_used_at) == (-1, None)

    @pytest.mark.needs("oathtool")
    def test_one_that_was_removed_meanwhile_does_not_come_back(self) -> None:
        made = factories.authenticator(factories.person())
        Authenticator.objects.all().delete()
        with pytest.raises(DatabaseError, match="did not affect any rows"):
            made.verify_token(code_for(made.secret))


class TestActivation:
    """One-time codes."""

    def test_the_code_is_not_in_the_database(self) -> None:
        code = new_accounts.issue_activation(factories.person(), acting(now=NOW))
        stored = bytes(Activation.objects.get().code_hash)
        assert code.encode() not in stored
        assert code.replace("-", "").encode() not in stored
        # Nor can it be searched for by who has the database only.
        with override_settings(SECRET_KEY="another"):
            assert Activation.hash_of(code) != stored

    @pytest.mark.parametrize(("hours", "is_live"), [(23.99, True), (24, False)])
    def test_it_lasts_a_day(self, hours: float, is_live: bool) -> None:
        new_accounts.issue_activation(factories.person(), acting(now=NOW))
        assert Activation.objects.live(NOW + timedelta(hours=hours)).exists() is is_live

    def test_a_new_one_makes_the_old_one_void(self) -> None:
        user, other = factories.person(), factories.person()
        of_other = new_accounts.issue_activation(other, acting(now=NOW))
        old = new_accounts.issue_activation(user, acting(now=NOW))
        new = new_accounts.issue_activation(user, acting(now=NOW))
        live = Activation.objects.live(NOW)
        assert [live.with_code(code).count() for code in (old, new, of_other)] == [0, 1, 1]


class TestRenewing:
    """A locked session goes on under another key."""

    def test_of_two_tabs_that_unlock_at_once_one_comes_second(self) -> None:
        session = factories.sign_in(Client(), factories.active_person())
        assert session.renew(now=NOW, confirmed_at=None)
        with pytest.raises(Gone):
            session.renew(now=NOW, confirmed_at=None)


class TestSession:
    """When it stops opening anything."""

    def ended(self, session: Session, now: datetime) -> Ended | None:
        return Session.objects.get(pk=session.pk).why_ended(now)

    @pytest.fixture
    def session(self, client: Client) -> Session:
        return factories.sign_in(client, factories.active_person())

    def test_the_browser_s_key_is_not_in_the_database(self, client: Client) -> None:
        factories.sign_in(client, factories.active_person())
        key = client.cookies["__Host-session"].value
        assert len(key) >= 43  # 256 bits in base64
        assert key.encode() not in bytes(Session.objects.get().key_hash)
        assert Session.objects.with_key(key)
        other_end = "A" if key[-1] != "A" else "B"
        assert Session.objects.with_key(key[:-1] + other_end) is None

    def test_a_key_belongs_to_one_session(self, session: Session) -> None:
        session.pk = None
        with pytest.raises(IntegrityError, match="key_hash"):
            session.save(force_insert=True)

    @pytest.mark.parametrize("role", Role)
    def test_it_is_found_with_all_that_belongs_to_it_as_the_orm_finds_it(
        self, client: Client, role: Role, django_assert_num_queries: Any
    ) -> None:
        for _ in range(2):  # not the only one, nor the first
            factories.sign_in(client, factories.active_person())
        factories.sign_in(client, factories.active_person(role=role))
        found = Session.objects.with_key(client.cookies["__Host-session"].value)
        related = ("user", "authenticator", "membership__practice")
        expected = Session.objects.select_related(*related).latest("pk")
        assert found
        pairs: list[tuple[Any, Any]] = [
            (found, expected),
            (found.user, expected.user),
            (found.authenticator, expected.authenticator),
            (found.membership, expected.membership),
            (found.membership.practice, expected.membership.practice),
        ]
        with django_assert_num_queries(0):
            for mine, the_orms in pairs:
                assert mine == the_orms
                for field in mine._meta.concrete_fields if mine else ():
                    assert getattr(mine, field.attname) == getattr(the_orms, field.attname)
        assert found.authenticator
        found.authenticator.delete()  # they are rows like any other
        assert not Session.objects.filter(pk=found.pk).exists()

    def test_it_ends_an_hour_after_the_person_did_something(self, session: Session) -> None:
        seen = session.last_seen_at
        assert self.ended(session, seen + timedelta(minutes=59)) is None
        assert self.ended(session, seen + timedelta(minutes=60)) is Ended.IDLE

    def test_it_ends_after_12_hours_in_any_case(self, session: Session) -> None:
        end = session.created_at + timedelta(hours=12)
        Session.objects.update(last_seen_at=end)
        assert self.ended(session, end - timedelta(seconds=1)) is None
        assert self.ended(session, end) is Ended.LONGEST

    def test_it_ends_when_the_person_is_turned_off(self, session: Session) -> None:
        User.objects.update(is_active=False)
        assert self.ended(session, NOW) is Ended.ELSEWHERE

    def test_it_ends_when_all_sessions_are_ended(self, session: Session) -> None:
        User.objects.update(session_epoch=1)
        assert self.ended(session, NOW) is Ended.ELSEWHERE

    def test_it_ends_when_its_authenticator_is_not_confirmed(self, session: Session) -> None:
        Authenticator.objects.update(confirmed=False)
        assert self.ended(session, NOW) is Ended.ELSEWHERE

    def test_it_goes_with_its_authenticator(self, session: Session) -> None:
        assert session.authenticator
        session.authenticator.delete()
        assert not Session.objects.exists()

    def test_it_opens_nothing_without_an_authenticator(self, session: Session) -> None:
        Session.objects.update(authenticator=None)
        assert self.ended(session, NOW) is Ended.ELSEWHERE


class TestPendingLogIn:
    """When it stops opening its step."""

    @pytest.mark.parametrize(
        ("step", "minutes"),
        [(Step.CODE, 10), (Step.ACTIVATION, 10), (Step.PASSWORD, 10), (Step.SET_UP, 60)],
    )
    def test_it_soon_ends(self, client: Client, step: Step, minutes: int) -> None:
        pending = factories.begin_log_in(client, factories.person(), step)
        begun = pending.expires_at - timedelta(minutes=minutes)
        assert abs(begun - timezone.now()) < timedelta(seconds=10)
        assert pending.is_live(pending.expires_at - timedelta(seconds=1))
        assert not pending.is_live(pending.expires_at)

    @pytest.mark.parametrize("change", [{"used_at": NOW}, {"expires_at": NOW}])
    def test_it_ends_with_its_activation(self, client: Client, change: dict[str, datetime]) -> None:
        factories.begin_log_in(client, factories.person(), Step.SET_UP)
        Activation.objects.update(**change)
        assert not PendingLogIn.objects.get().is_live(timezone.now())

    @pytest.mark.parametrize("change", [{"is_active": False}, {"session_epoch": 9}])
    def test_it_ends_when_the_person_is_turned_off_or_reset(
        self, client: Client, change: dict[str, int]
    ) -> None:
        factories.begin_log_in(client, factories.person(), Step.SET_UP)
        User.objects.update(**change)
        assert not PendingLogIn.objects.get().is_live(timezone.now())
