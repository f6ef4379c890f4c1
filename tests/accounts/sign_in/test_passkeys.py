"""Passkeys of people: added, used, refused, stopped and removed."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts import errors
from accounts.models.audit import AuditEvent, Event, Factor
from accounts.models.mail import Mail
from accounts.models.passkeys import CHALLENGE_LIFETIME, Challenge, Passkey, Purpose, handle_of
from accounts.models.people import User
from accounts.models.sessions import Ended, PendingLogIn, Session, Step
from accounts.models.throttle import PER_PERSON, Throttle, subject_of_codes
from accounts.sign_in import expiry, lockout, log_in, passkeys
from accounts.sign_in.passkeys import ALREADY, ANOTHER, NO_APP, TOO_MANY
from accounts.sign_in.second_factor import (
    COPIED_PASSKEY,
    LATE_PASSKEY,
    OTHER_PASSKEY,
    WRONG_PASSKEY,
    Assertion,
    Code,
)
from tests import factories
from tests.factories import ORIGIN, PASSWORD, acting
from tests.refusals import denied
from tests.software_authenticator import PRESENT, SoftwareAuthenticator, octets, text

pytestmark = pytest.mark.django_db
NOW = timezone.now()


@pytest.fixture
def session(user: User) -> Session:
    return factories.sign_in(Client(), user)


def begin(user: User) -> PendingLogIn:
    return factories.begin_log_in(Client(), user, Step.CODE)


def ask(pending: PendingLogIn) -> dict[str, Any]:
    return passkeys.ask_for_passkey(pending, now=NOW)


def give(pending: PendingLogIn, answer: object, *, after: timedelta = timedelta(0)) -> str:
    return log_in.sign_in(pending, Assertion(json.dumps(answer)), acting(now=NOW + after))


def add(session: Session, answer: object, *, after: timedelta = timedelta(0)) -> None:
    passkeys.add_passkey(session, "Phone", json.dumps(answer), acting(now=NOW + after))


def refusals(user: User) -> list[str]:
    rows = AuditEvent.objects.filter(person=user, event=Event.FACTOR_REFUSED, factor=Factor.PASSKEY)
    return list(rows.order_by("pk").values_list("reason", flat=True))


def events(user: User) -> set[str]:
    return set(AuditEvent.objects.filter(person=user).values_list("event", flat=True))


def subjects(user: User) -> list[str]:
    return sorted(mail.read()[0] for mail in Mail.objects.filter(to=user.email))


def why_ended(session: Session) -> Ended | None:
    return Session.objects.select_related("user", "authenticator").get(pk=session.pk).why_ended(NOW)


class TestLoggingIn:
    """The second step, with a passkey."""

    def test_the_right_one_signs_in_as_a_right_code_does(self, user: User) -> None:
        passkey, device = factories.passkey(user)
        pending = begin(user)
        Throttle.objects.claim(subject_of_codes(user.pk), PER_PERSON, now=NOW)
        key = give(pending, device.use(ask(pending)))
        session = Session.objects.with_key(key)
        assert session is not None
        assert (session.user, session.passkey, session.authenticator) == (user, passkey, None)
        assert session.why_ended(NOW) is None
        assert session.address == ORIGIN.address
        assert not PendingLogIn.objects.exists()
        assert not Throttle.objects.filter(subject=subject_of_codes(user.pk)).exists()
        assert not Challenge.objects.exists()
        began = AuditEvent.objects.get(person=user, event=Event.SESSION_BEGAN)
        assert (began.factor, began.address) == (Factor.PASSKEY, ORIGIN.address)
        user.refresh_from_db()
        assert user.last_login == NOW
        passkey.refresh_from_db()
        assert (passkey.sign_count, passkey.last_used_at) == (1, NOW)

    def test_the_same_answer_does_nothing_twice(self, user: User) -> None:
        _, device = factories.passkey(user, counts=False)
        pending = begin(user)
        answer = device.use(ask(pending))
        give(pending, answer)
        with pytest.raises(errors.Gone):
            give(pending, answer)
        again = begin(user)
        ask(again)
        with denied("answer", WRONG_PASSKEY):
            give(again, answer)
        assert Session.objects.count() == 1

    def test_a_challenge_is_good_for_one_answer_right_or_wrong(self, user: User) -> None:
        _, device = factories.passkey(user)
        pending = begin(user)
        asked = ask(pending)
        with denied("answer", WRONG_PASSKEY):
            give(pending, SoftwareAuthenticator(credential_id=device.credential_id).use(asked))
        with denied("answer", LATE_PASSKEY):
            give(pending, device.use(asked))
        assert refusals(user) == ["wrong", "no challenge"]
        assert not Session.objects.exists()
        assert give(pending, device.use(ask(pending)))

    def test_a_challenge_that_is_too_old_counts_no_more(self, user: User) -> None:
        _, device = factories.passkey(user)
        pending = begin(user)
        answer = device.use(ask(pending))
        with denied("answer", LATE_PASSKEY):
            give(pending, answer, after=CHALLENGE_LIFETIME)
        answer = device.use(ask(pending))
        assert give(pending, answer, after=CHALLENGE_LIFETIME - timedelta(seconds=1))

    def test_an_answer_without_a_challenge_is_none(self, user: User) -> None:
        _, device = factories.passkey(user)
        pending = begin(user)
        with denied("answer", LATE_PASSKEY):
            give(pending, device.use({"challenge": ""}))

    def test_only_the_latest_challenge_counts(self, user: User) -> None:
        _, device = factories.passkey(user)
        pending = begin(user)
        first, second = ask(pending), ask(pending)
        assert first["challenge"] != second["challenge"]
        assert Challenge.objects.count() == 1
        with denied("answer", WRONG_PASSKEY):
            give(pending, device.use(first))

    def test_the_challenge_of_another_log_in_or_purpose_counts_for_nothing(
        self, user: User
    ) -> None:
        _, device = factories.passkey(user)
        mine, elsewhere = begin(user), begin(user)
        asked = ask(elsewhere)
        with denied("answer"):
            give(mine, device.use(asked))
        ask(mine)
        with denied("answer"):
            give(mine, device.use(ask(elsewhere)))
        # Rows of different kinds may have the same number.
        challenge = text(Challenge.objects.begin(Purpose.ADD, mine, now=NOW))
        with denied("answer", LATE_PASSKEY):
            give(mine, device.use({"challenge": challenge}))
        ask(mine)
        with denied("answer", WRONG_PASSKEY):
            give(mine, device.use({"challenge": challenge}))

    def test_another_user_s_passkey_is_refused(self, user: User) -> None:
        factories.passkey(user)
        _, theirs = factories.passkey(factories.active_person())
        pending = begin(user)
        with denied("answer", OTHER_PASSKEY):
            give(pending, theirs.use(ask(pending)))
        assert refusals(user) == ["unknown"]
        assert not Session.objects.exists()

    def test_only_the_persons_own_that_are_not_stopped_are_asked_for(self, user: User) -> None:
        usable, _ = factories.passkey(user)
        disabled, _ = factories.passkey(user)
        Passkey.objects.filter(pk=disabled.pk).update(disabled_at=NOW)
        factories.passkey(factories.active_person())
        asked = ask(begin(user))["allowCredentials"]
        assert [octets(each["id"]) for each in asked] == [bytes(usable.credential_id)]

    @pytest.mark.parametrize(
        "changes",
        [
            {"origin": "https://pharmrefer.example.evil.example"},
            {"host": "evil.example"},
            {"flags": PRESENT},
        ],
    )
    def test_from_elsewhere_or_without_pin_or_finger_it_is_refused(
        self, user: User, changes: dict[str, Any]
    ) -> None:
        _, device = factories.passkey(user)
        for name, value in changes.items():
            setattr(device, name, value)
        pending = begin(user)
        with denied("answer", WRONG_PASSKEY):
            give(pending, device.use(ask(pending)))
        assert PendingLogIn.objects.filter(pk=pending.pk).exists()  # a code still does it

    def test_who_was_turned_off_or_locked_meanwhile_stays_out(self, user: User) -> None:
        _, device = factories.passkey(user)
        for change in ({"is_active": False}, {"session_epoch": 7}):
            pending = begin(user)
            answer = device.use(ask(pending))
            User.objects.filter(pk=user.pk).update(**change)
            with pytest.raises(errors.Gone):
                give(pending, answer)
            User.objects.filter(pk=user.pk).update(is_active=True)
        assert not Session.objects.exists()

    def test_what_comes_of_it_is_undone_where_there_is_nothing_to_sign_in_as(
        self, user: User
    ) -> None:
        passkey, device = factories.passkey(user)
        pending = begin(user)
        answer = device.use(ask(pending))
        user.memberships.all().delete()
        with pytest.raises(errors.Gone):
            give(pending, answer)
        passkey.refresh_from_db()
        assert passkey.last_used_at is None


class TestConfirming:
    """Password and passkey of a user who is signed in."""

    def confirm(self, session: Session, answer: object, *, password: str = PASSWORD) -> str:
        given = json.dumps(answer)
        return log_in.confirm(session, password, Assertion(given), acting(now=NOW))

    def test_it_confirms_as_a_code_does(self, user: User, session: Session) -> None:
        passkey, device = factories.passkey(user)
        Session.objects.update(session_epoch=user.session_epoch)
        session.session_epoch = user.session_epoch
        Throttle.objects.claim(subject_of_codes(user.pk), PER_PERSON, now=NOW)
        key = self.confirm(session, device.use(passkeys.ask_for_passkey(session, now=NOW)))
        renewed = Session.objects.with_key(key)
        assert renewed == session
        assert renewed is not None
        assert renewed.is_confirmed(NOW)
        assert not Throttle.objects.filter(subject=subject_of_codes(user.pk)).exists()
        noted = AuditEvent.objects.get(person=user, event=Event.SESSION_CONFIRMED)
        assert noted.factor == Factor.PASSKEY
        passkey.refresh_from_db()
        assert (passkey.sign_count, passkey.last_used_at) == (1, NOW)

    def test_neither_challenge_stands_for_the_other_nor_for_another_sessions(
        self, user: User, session: Session
    ) -> None:
        _, device = factories.passkey(user)
        session = factories.sign_in(Client(), user)
        elsewhere, pending = factories.sign_in(Client(), user), begin(user)
        asked = [ask(pending), passkeys.ask_for_passkey(elsewhere, now=NOW)]
        for each in asked:
            passkeys.ask_for_passkey(session, now=NOW)
            with denied("answer", WRONG_PASSKEY):
                self.confirm(session, device.use(each))
        with denied("answer", LATE_PASSKEY):  # it had one answer
            self.confirm(session, device.use(asked[0]))
        with denied("answer", WRONG_PASSKEY):
            give(pending, device.use(passkeys.ask_for_passkey(session, now=NOW)))
        # Rows of different kinds may have the same number.
        Challenge.objects.all().delete()
        challenge = text(Challenge.objects.begin(Purpose.LOG_IN, session, now=NOW))
        with denied("answer", "Too many|" + LATE_PASSKEY):
            self.confirm(session, device.use({"challenge": challenge}))
        assert session.confirmed_at is None
        assert not Session.objects.exclude(confirmed_at=None).exists()

    def test_a_wrong_password_is_no_try_at_a_passkey(self, user: User) -> None:
        passkey, device = factories.passkey(user)
        session = factories.sign_in(Client(), user)
        answer = device.use(passkeys.ask_for_passkey(session, now=NOW))
        with pytest.raises(errors.Denied, match="The password is not right"):
            self.confirm(session, answer, password="four loud herons")
        with denied("answer", LATE_PASSKEY):
            self.confirm(session, answer)
        passkey.refresh_from_db()
        assert passkey.last_used_at is None

    def test_a_copy_is_stopped_here_too(self, user: User) -> None:
        passkey, device = factories.passkey(user, sign_count=7)
        session = factories.sign_in(Client(), user)
        device.sign_count = 1
        with denied("answer", COPIED_PASSKEY):
            self.confirm(session, device.use(passkeys.ask_for_passkey(session, now=NOW)))
        passkey.refresh_from_db()
        assert passkey.disabled_at == NOW
        assert passkeys.ask_for_passkey(session, now=NOW)["allowCredentials"] == []


class TestTries:
    """Passkeys and codes are counted together."""

    def test_five_are_free_and_then_there_is_a_wait(self, user: User) -> None:
        _, device = factories.passkey(user)
        pending = begin(user)
        for _ in range(PER_PERSON.free):
            with denied("answer", "Try again, or enter a code"):
                give(pending, "nothing")
        for answer in (device.use(ask(pending)), "nothing"):
            with denied("answer", "Too many tries"):
                give(pending, answer)
        assert refusals(user)[-1] == "too many"
        assert "Wrong codes or passkeys for your PharmRefer account" in subjects(user)
        with denied("code", "Too many tries"):
            log_in.sign_in(pending, Code("123456"), acting(now=NOW))

    def test_twenty_in_a_row_stop_the_account(self, user: User) -> None:
        pending = begin(user)
        for number in range(lockout.MOST_WRONG):
            with denied("answer"):
                give(pending, "nothing", after=timedelta(minutes=20 * number))
        user.refresh_from_db()
        assert user.locked_at is not None


class TestACopy:
    """The counter shows that there are two of a passkey."""

    def test_is_refused_noted_and_told_and_lets_nobody_in_any_more(self, user: User) -> None:
        passkey, device = factories.passkey(user)
        copy = SoftwareAuthenticator(credential_id=device.credential_id, key=device.key)
        pending = begin(user)
        session = Session.objects.with_key(give(pending, device.use(ask(pending))))
        assert session is not None
        by_code = factories.sign_in(Client(), user)
        pending = begin(user)
        with denied("answer", COPIED_PASSKEY):
            give(pending, copy.use(ask(pending)))
        assert refusals(user) == ["copied"]
        assert Event.PASSKEY_DISABLED in events(user)
        assert "A passkey on your PharmRefer account was turned off" in subjects(user)
        passkey.refresh_from_db()
        assert (passkey.disabled_at, passkey.sign_count) == (NOW, 1)
        assert why_ended(session) == Ended.ELSEWHERE
        assert why_ended(by_code) is None
        # Neither of the two is accepted now, nor told of again.
        sent = len(subjects(user))
        for each in (device, copy):
            with denied("answer", OTHER_PASSKEY):
                give(pending, each.use(ask(pending)))
        assert len(subjects(user)) == sent

    def test_a_counter_that_a_user_made_up_stops_nothing(self, user: User) -> None:
        passkey, device = factories.passkey(user, sign_count=5)
        forged = SoftwareAuthenticator(credential_id=device.credential_id)
        pending = begin(user)
        with denied("answer", WRONG_PASSKEY):
            give(pending, forged.use(ask(pending)))
        passkey.refresh_from_db()
        assert passkey.disabled_at is None


class TestAdding:
    """A new passkey on the account page."""

    def test_it_is_noted_and_told_and_other_sessions_end(
        self, user: User, session: Session
    ) -> None:
        other = factories.sign_in(Client(), user)
        strangers = factories.sign_in(Client(), factories.active_person())
        device = SoftwareAuthenticator(sign_count=9)
        asked = passkeys.ask_for_new_passkey(session, now=NOW)
        assert octets(asked["user"]["id"]) == handle_of(user)
        add(session, device.make(asked))
        passkey = user.passkeys.get()
        assert bytes(passkey.credential_id) == device.credential_id
        assert (passkey.name, passkey.sign_count, passkey.created_at) == ("Phone", 9, NOW)
        assert Event.PASSKEY_ADDED in events(user)
        assert subjects(user) == ["A passkey was added to your PharmRefer account"]
        assert "“Phone”" in Mail.objects.get().read()[1]
        assert why_ended(session) is why_ended(strangers) is None
        assert why_ended(other) == Ended.ELSEWHERE

    def test_a_person_is_known_to_devices_by_nobodys_name(self, user: User) -> None:
        assert handle_of(user) == handle_of(user)
        assert handle_of(user) != handle_of(factories.active_person())
        assert len(handle_of(user)) == 32

    def test_needs_an_app_beside_it(self, user: User, session: Session) -> None:
        asked = passkeys.ask_for_new_passkey(session, now=NOW)
        user.authenticators.update(confirmed=False)
        with pytest.raises(errors.Denied, match=NO_APP):
            add(session, SoftwareAuthenticator().make(asked))
        with pytest.raises(errors.Denied, match=NO_APP):
            passkeys.ask_for_new_passkey(session, now=NOW)
        assert not Passkey.objects.exists()

    def test_five_are_enough(self, user: User, session: Session) -> None:
        for _ in range(Passkey.MOST - 1):
            factories.passkey(user)
            session = factories.sign_in(Client(), user)
        asked = passkeys.ask_for_new_passkey(session, now=NOW)
        assert len(asked["excludeCredentials"]) == Passkey.MOST - 1
        add(session, SoftwareAuthenticator().make(asked))
        with pytest.raises(errors.Denied, match=TOO_MANY):
            passkeys.ask_for_new_passkey(session, now=NOW)
        challenge = Challenge.objects.begin(Purpose.ADD, session, now=NOW)
        with pytest.raises(errors.Denied, match=TOO_MANY):
            add(session, SoftwareAuthenticator().make({"challenge": text(challenge)}))

    def test_an_id_that_is_known_is_refused_whosever_it_is(
        self, user: User, session: Session
    ) -> None:
        theirs, device = factories.passkey(factories.active_person())
        asked = passkeys.ask_for_new_passkey(session, now=NOW)
        with pytest.raises(errors.Denied, match=ALREADY):
            add(session, SoftwareAuthenticator(credential_id=device.credential_id).make(asked))
        assert Passkey.objects.get() == theirs
        assert not subjects(user)

    def test_a_challenge_makes_one_passkey_soon_and_here(
        self, user: User, session: Session
    ) -> None:
        asked = passkeys.ask_for_new_passkey(session, now=NOW)
        with pytest.raises(errors.Denied, match="That took too long"):
            add(session, SoftwareAuthenticator().make(asked), after=CHALLENGE_LIFETIME)
        with pytest.raises(errors.Denied, match="That took too long"):
            add(session, SoftwareAuthenticator().make(asked))
        elsewhere = factories.sign_in(Client(), factories.active_person())
        theirs = passkeys.ask_for_new_passkey(elsewhere, now=NOW)
        passkeys.ask_for_new_passkey(session, now=NOW)
        with pytest.raises(errors.Denied, match=ANOTHER):
            add(session, SoftwareAuthenticator().make(theirs))
        assert not user.passkeys.exists()

    def test_a_session_that_has_ended_adds_none(self, user: User, session: Session) -> None:
        answer = SoftwareAuthenticator().make(passkeys.ask_for_new_passkey(session, now=NOW))
        Session.objects.filter(pk=session.pk).delete()
        with pytest.raises(errors.Gone):
            add(session, answer)
        assert not user.passkeys.exists()


class TestRemoving:
    """A passkey that its owner uses no more."""

    def test_it_is_noted_and_told_and_other_sessions_end(self, user: User) -> None:
        passkey, device = factories.passkey(user)
        session = factories.sign_in(Client(), user)
        other = factories.sign_in(Client(), user)
        passkeys.remove_passkey(passkey, session, acting(now=NOW))
        assert not user.passkeys.exists()
        assert Event.PASSKEY_REMOVED in events(user)
        assert "A passkey was removed from your PharmRefer account" in subjects(user)
        assert why_ended(session) is None
        assert why_ended(other) == Ended.ELSEWHERE
        pending = begin(user)
        with denied("answer", OTHER_PASSKEY):
            give(pending, device.use(ask(pending)))

    def test_the_session_that_stands_on_it_goes_on(self, user: User) -> None:
        passkey, device = factories.passkey(user)
        pending = begin(user)
        session = Session.objects.with_key(give(pending, device.use(ask(pending))))
        assert session is not None
        passkeys.remove_passkey(passkey, session, acting(now=NOW))
        session.refresh_from_db()
        assert (session.passkey, session.authenticator) == (None, user.authenticators.get())
        assert why_ended(session) is None

    def test_one_that_stood_on_it_elsewhere_says_why_it_has_ended(self, user: User) -> None:
        passkey, device = factories.passkey(user)
        pending = begin(user)
        elsewhere = Session.objects.with_key(give(pending, device.use(ask(pending))))
        assert elsewhere is not None
        session = factories.sign_in(Client(), user)
        passkeys.remove_passkey(passkey, session, acting(now=NOW))
        assert why_ended(elsewhere) == Ended.ELSEWHERE

    def test_twice_it_is_gone(self, user: User) -> None:
        passkey, _ = factories.passkey(user)
        session = factories.sign_in(Client(), user)
        same = Passkey.objects.get(pk=passkey.pk)
        passkeys.remove_passkey(passkey, session, acting(now=NOW))
        with pytest.raises(errors.Gone):
            passkeys.remove_passkey(same, session, acting(now=NOW))
        assert AuditEvent.objects.filter(event=Event.PASSKEY_REMOVED).count() == 1


def test_a_session_whose_passkey_is_gone_opens_nothing(user: User) -> None:
    passkey, device = factories.passkey(user)
    pending = begin(user)
    give(pending, device.use(ask(pending)))
    passkey.delete()
    assert not Session.objects.exists()


def test_challenges_that_nobody_answers_are_cleared_away(user: User) -> None:
    pending = begin(user)
    ask(pending)
    expiry.forget_expired(now=NOW + timedelta(hours=23))
    assert Challenge.objects.exists()
    expiry.forget_expired(now=NOW + timedelta(hours=25))
    assert not Challenge.objects.exists()
