"""What people change about how they log in, and what each change brings along."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts import errors
from accounts.models.audit import AuditEvent, Event
from accounts.models.credentials import Authenticator
from accounts.models.mail import Mail
from accounts.models.people import User
from accounts.models.sessions import Ended, PendingLogIn, Session
from accounts.models.throttle import Throttle
from accounts.people import memberships, new_accounts
from accounts.roles import Role
from accounts.sign_in import activation, expiry, log_in, own_account
from accounts.sign_in.second_factor import Code
from tests import factories
from tests.factories import ORIGIN, PASSWORD, acting
from tests.mails import keys_mailed, mailed
from tests.refusals import denied
from tests.tools import code_for

pytestmark = [pytest.mark.django_db, pytest.mark.needs("oathtool")]
NOW = timezone.now()
ANOTHER = "four quiet herons"
ROLE_CHANGED = "Your role in PharmRefer was changed"


@pytest.fixture
def here(client: Client, user: User) -> Session:
    """The session in which things are changed, as the middleware loads it."""
    return Session.objects.select_related("user").get(pk=factories.sign_in(client, user).pk)


def elsewhere(user: User) -> Session:
    return factories.sign_in(Client(), user)


def why_ended(session: Session) -> Ended | None:
    return Session.objects.get(pk=session.pk).why_ended(timezone.now())


def subjects() -> list[str]:
    return [mail.read()[0] for mail in Mail.objects.order_by("created_at")]


def begin(here: Session, name: str = "Phone") -> Authenticator:
    own_account.begin_authenticator(here, name, acting(now=timezone.now()))
    return here.being_set_up()


def add(here: Session, name: str = "Phone") -> Authenticator:
    made = begin(here, name)
    own_account.add_authenticator(here, code_for(made.secret), acting(now=timezone.now()))
    made.refresh_from_db()
    return made


def remove(here: Session, authenticator: Authenticator) -> None:
    own_account.remove_authenticator(here, authenticator.pk, acting(now=timezone.now()))


def change_password(here: Session) -> None:
    own_account.change_password(here, ANOTHER, acting(now=NOW))


def end_others(here: Session) -> None:
    own_account.end_others(here, acting(now=NOW))


def remove_one(here: Session) -> None:
    remove(here, factories.authenticator(here.user))


CHANGES: list[Callable[[Session], object]] = [add, remove_one, change_password, end_others]


class TestEveryChange:
    """Others out at once, told, noted; the session in which it is made goes on."""

    @pytest.mark.parametrize("change", CHANGES)
    def test_it_ends_the_person_s_other_sessions_and_no_other(
        self, here: Session, user: User, change: Callable[[Session], object]
    ) -> None:
        other, another_users = elsewhere(user), elsewhere(factories.active_person())
        change(here)
        assert why_ended(here) is None
        assert why_ended(other) is Ended.ELSEWHERE
        assert why_ended(another_users) is None

    @pytest.mark.parametrize("change", CHANGES)
    def test_it_ends_a_log_in_under_way(
        self, here: Session, user: User, change: Callable[[Session], object]
    ) -> None:
        log_in.accept_password(user.email, PASSWORD, actor=acting(now=NOW))
        change(here)
        assert not PendingLogIn.objects.select_related("user").get().is_live(NOW)

    @pytest.mark.parametrize("change", CHANGES)
    def test_two_changes_can_be_made_one_after_the_other(
        self, here: Session, change: Callable[[Session], object]
    ) -> None:
        change(here)
        change_password(here)
        assert why_ended(here) is None

    @pytest.mark.parametrize("change", CHANGES)
    @pytest.mark.parametrize("ends", ["session", "epoch", "person"])
    def test_a_session_that_ended_meanwhile_changes_nothing(
        self, here: Session, user: User, change: Callable[[Session], object], ends: str
    ) -> None:
        if ends == "session":
            Session.objects.all().delete()
        elif ends == "epoch":
            User.objects.update(session_epoch=7)
        else:
            User.objects.update(is_active=False)
        with pytest.raises(errors.Gone):
            change(here)
        assert not Mail.objects.exists()
        user.refresh_from_db()
        assert user.check_password(PASSWORD)

    @pytest.mark.parametrize(
        ("change", "event", "subject"),
        [
            (
                add,
                Event.AUTHENTICATOR_ADDED,
                "An authenticator app was set up for your PharmRefer account",
            ),
            (
                remove_one,
                Event.AUTHENTICATOR_REMOVED,
                "An authenticator app was removed from your PharmRefer account",
            ),
            (change_password, Event.PASSWORD_CHANGED, "Your PharmRefer password was changed"),
        ],
    )
    def test_the_person_is_told_and_it_is_noted(
        self, here: Session, change: Callable[[Session], object], event: Event, subject: str
    ) -> None:
        change(here)
        mail, noted = Mail.objects.get(), AuditEvent.objects.latest("pk")
        assert (mail.to, mail.read()[0]) == (here.user.email, subject)
        assert "If this was not you" in mail.read()[1]
        assert (noted.event, noted.person_id, noted.address) == (
            event,
            here.user_id,
            ORIGIN.address,
        )


class TestAdding:
    """Another authenticator: seen by one session, confirmed by its first code."""

    def test_it_counts_with_its_first_code_which_is_spent(self, here: Session, user: User) -> None:
        made = begin(here)
        assert not made.confirmed
        code = code_for(made.secret)
        own_account.add_authenticator(here, code, acting(now=timezone.now()))
        made.refresh_from_db()
        assert (made.confirmed, made.name) == (True, "Phone")
        log_in.accept_password(user.email, PASSWORD, actor=acting(now=NOW))
        pending = PendingLogIn.objects.latest("pk")
        with pytest.raises(errors.Denied, match="used that code already"):
            log_in.sign_in(pending, Code(code), acting(now=timezone.now()))
        later = code_for(made.secret, seconds_off=30)
        log_in.sign_in(pending, Code(later), acting(now=timezone.now()))

    def test_the_e_mail_says_its_name(self, here: Session) -> None:
        add(here, "My <b>phone</b>")
        assert "“My <b>phone</b>”" in Mail.objects.get().read()[1]

    def test_only_the_session_that_began_it_sees_and_confirms_it(
        self, here: Session, user: User
    ) -> None:
        other = elsewhere(user)
        made = begin(here)
        with pytest.raises(errors.Gone):
            other.being_set_up()
        with pytest.raises(errors.Gone):
            own_account.add_authenticator(other, code_for(made.secret), acting(now=NOW))
        assert not Authenticator.objects.get(pk=made.pk).confirmed

    def test_its_secret_is_shown_no_more_once_it_counts(self, here: Session) -> None:
        made = begin(here)
        code, later = (code_for(made.secret, seconds_off=off) for off in (0, 30))
        own_account.add_authenticator(here, code, acting(now=timezone.now()))
        with pytest.raises(errors.Gone):
            here.being_set_up()
        with pytest.raises(errors.Gone):
            own_account.add_authenticator(here, later, acting(now=timezone.now()))
        assert len(subjects()) == 1

    def test_beginning_again_or_elsewhere_replaces_it(self, here: Session, user: User) -> None:
        first, second = begin(here), begin(here)
        assert first.secret != second.secret
        assert not Authenticator.objects.filter(pk=first.pk).exists()
        begin(elsewhere(user))
        with pytest.raises(errors.Gone):
            here.being_set_up()

    def test_a_code_of_one_that_they_have_does_not_confirm_it(
        self, here: Session, user: User
    ) -> None:
        working, made = user.authenticators.get(), begin(here)
        with denied("code", "not right"):
            own_account.add_authenticator(here, code_for(working.secret), acting(now=NOW))
        assert not Authenticator.objects.get(pk=made.pk).confirmed
        assert Throttle.objects.get(subject=f"code:{user.pk}").tries == 1

    def test_guesses_at_its_code_are_slowed_like_all_others(self, here: Session) -> None:
        wrong = code_for(begin(here).secret, seconds_off=86_400)
        for _ in range(5):
            with denied("code", "not right"):
                own_account.add_authenticator(here, wrong, acting(now=NOW))
        with denied("code", "Too many tries"):
            own_account.add_authenticator(here, wrong, acting(now=NOW))

    def test_there_may_be_five(self, here: Session, user: User) -> None:
        for _ in range(3):
            factories.authenticator(user)
        made = begin(here)
        factories.authenticator(user)  # meanwhile, by an activation
        with pytest.raises(errors.Denied, match="cannot have more"):
            own_account.add_authenticator(here, code_for(made.secret), acting(now=NOW))
        with pytest.raises(errors.Denied, match="You have 5 authenticator apps"):
            own_account.begin_authenticator(here, "Tablet", acting(now=NOW))
        user.authenticators.filter(confirmed=True).latest("pk").delete()
        add(here)

    def test_what_nobody_went_on_with_is_forgotten(self, here: Session) -> None:
        made = begin(here)
        assert made.created_at
        expiry.forget_expired(now=made.created_at + timedelta(hours=23))
        assert Authenticator.objects.filter(pk=made.pk).exists()
        expiry.forget_expired(now=made.created_at + timedelta(hours=25))
        assert list(here.user.authenticators.all()) == [here.authenticator]


class TestRemoving:
    """Never the last one."""

    def test_the_session_that_stood_on_it_goes_on(self, here: Session, user: User) -> None:
        stood_on, added = user.authenticators.get(), factories.authenticator(user)
        other = elsewhere(user)
        assert here.authenticator == stood_on
        remove(here, stood_on)
        assert list(user.authenticators.all()) == [added]
        assert Session.objects.get(pk=here.pk).authenticator == added
        assert why_ended(here) is None
        assert why_ended(other) is Ended.ELSEWHERE

    def test_its_codes_are_refused_from_then_on(self, here: Session, user: User) -> None:
        removed = factories.authenticator(user)
        code = code_for(removed.secret)
        remove(here, removed)
        log_in.accept_password(user.email, PASSWORD, actor=acting(now=NOW))
        with pytest.raises(errors.Denied, match="not right"):
            log_in.sign_in(PendingLogIn.objects.latest("pk"), Code(code), acting(now=NOW))

    def test_the_last_one_stays_whatever_is_not_confirmed_beside_it(
        self, here: Session, user: User
    ) -> None:
        begin(here)
        with pytest.raises(errors.Denied, match="ask the service desk"):
            remove(here, user.authenticators.get(confirmed=True))
        assert user.authenticators.filter(confirmed=True).exists()
        assert not Mail.objects.exists()

    @pytest.mark.parametrize("whose", ["somebody else's", "not confirmed", "removed already"])
    def test_what_is_not_theirs_is_not_there(self, here: Session, user: User, whose: str) -> None:
        factories.authenticator(user)
        if whose == "somebody else's":
            target = factories.authenticator(factories.active_person())
        else:
            target = factories.authenticator(user, confirmed=False)
        number = target.pk
        if whose == "removed already":
            target.delete()
        with pytest.raises(errors.Gone):
            own_account.remove_authenticator(here, number, acting(now=NOW))
        assert user.authenticators.filter(confirmed=True).count() == 2

    def test_of_two_removals_at_once_one_comes_second(self, here: Session, user: User) -> None:
        """Both counting two before either is done would leave none."""
        removed = factories.authenticator(user)
        with CaptureQueriesContext(connection) as captured:
            remove(here, removed)
        statements = [query["sql"] for query in captured]
        locked = next(i for i, sql in enumerate(statements) if sql.endswith("FOR NO KEY UPDATE"))
        counted = next(
            i for i, sql in enumerate(statements) if 'FROM "accounts_authenticator"' in sql
        )
        assert "accounts_user" in statements[locked]
        assert locked < counted


def test_renaming_is_noted_and_ends_nothing(here: Session, user: User) -> None:
    other, authenticator = elsewhere(user), user.authenticators.get()
    own_account.rename_authenticator(authenticator, "Tablet", acting(now=NOW))
    assert user.authenticators.get().name == "Tablet"
    assert AuditEvent.objects.latest("pk").event == Event.AUTHENTICATOR_RENAMED
    assert (why_ended(here), why_ended(other)) == (None, None)
    authenticator.delete()


def test_what_is_removed_meanwhile_is_not_renamed(user: User) -> None:
    authenticator = factories.authenticator(user)
    stale = Authenticator.objects.get(pk=authenticator.pk)
    authenticator.delete()
    with pytest.raises(errors.Gone):
        own_account.rename_authenticator(stale, "Tablet", acting(now=NOW))
    assert AuditEvent.objects.latest("pk").event != Event.AUTHENTICATOR_RENAMED


class TestRoles:
    """Another administrator gives the user another role."""

    def test_it_ends_every_session_and_is_told_and_noted(self, here: Session, user: User) -> None:
        by, mine, role = factories.active_person(), user.memberships.get(), Role.STAFF
        user.memberships.update(role=Role.PRACTICE_ADMINISTRATOR)
        memberships.change_role(mine, role, acting(by, now=NOW))
        assert user.memberships.get().role == role
        assert why_ended(here) is Ended.ELSEWHERE
        subject, text = Mail.objects.get(to=user.email).read()
        assert subject == "Your role in PharmRefer was changed"
        assert "You are now: practice staff" in text
        noted = AuditEvent.objects.latest("pk")
        assert (noted.event, noted.reason) == (Event.ROLE_CHANGED, role)
        assert (noted.person, noted.by) == (user, by)

    def change(self, user: User, role: Role) -> None:
        memberships.change_role(user.memberships.get(), role, acting(now=NOW))
        user.refresh_from_db()

    def test_one_with_more_powers_is_offered_and_changes_nothing(
        self, here: Session, user: User
    ) -> None:
        before = user.password
        self.change(user, Role.PRACTICE_ADMINISTRATOR)
        membership = user.memberships.get()
        assert (membership.role, membership.offered_role) == (
            Role.STAFF,
            Role.PRACTICE_ADMINISTRATOR,
        )
        assert user.password == before
        assert why_ended(here) is None
        assert AuditEvent.objects.latest("pk").event == Event.MEMBERSHIP_OFFERED
        text = mailed(user)["You are asked to become an administrator of Larkfield Surgery"]
        assert "password of 15 characters or more: if yours is shorter" in text

    def test_an_activation_that_needs_the_password_opens_nothing_without_it(self) -> None:
        user = factories.with_password(factories.person())
        code = new_accounts.issue_activation(user, acting(now=NOW))
        self.change(user, Role.PRACTICE_ADMINISTRATOR)
        with pytest.raises(errors.Denied):
            activation.accept_invitation(user.email, code, actor=acting(now=NOW))

    def test_any_other_leaves_the_password(self) -> None:
        user = factories.active_person(role=Role.PRACTICE_ADMINISTRATOR)
        self.change(user, Role.STAFF)
        assert user.has_usable_password()
        assert keys_mailed(user) == []
        assert "log in again with the same password" in mailed(user)[ROLE_CHANGED]
        desk = factories.active_person(role=Role.SERVICE_DESK)
        self.change(desk, Role.OPERATOR)
        assert desk.has_usable_password()

    def test_who_has_no_password_yet_goes_on_with_what_they_were_given(self) -> None:
        user = factories.person()
        code = new_accounts.issue_activation(user, acting(now=NOW))
        self.change(user, Role.PRACTICE_ADMINISTRATOR)
        assert "log in" not in mailed(user)[ROLE_CHANGED]  # they never were
        assert user.memberships.get().role == Role.PRACTICE_ADMINISTRATOR
        activation.accept_invitation(user.email, code, actor=acting(now=NOW))

    def test_one_that_there_is_not_where_they_are_changes_nothing(
        self, here: Session, user: User
    ) -> None:
        mine = user.memberships.get()
        with pytest.raises(ValidationError):
            memberships.change_role(mine, Role.OPERATOR, acting(now=NOW))
        assert user.memberships.get().role == Role.STAFF
        assert why_ended(here) is None
        assert not Mail.objects.exists()


def test_a_changed_password_is_the_only_one(here: Session, user: User) -> None:
    change_password(here)
    user.refresh_from_db()
    assert user.check_password(ANOTHER)
    assert not user.check_password(PASSWORD)
