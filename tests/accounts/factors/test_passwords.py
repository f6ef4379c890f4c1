"""Passwords: a hash that is slow for thieves, and few rules for people."""

import unicodedata
from datetime import timedelta
from typing import Any

import pytest
from argon2 import low_level
from django.contrib.auth.hashers import PBKDF2PasswordHasher, make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import timezone

from accounts import errors
from accounts.factors.passwords import LONGEST
from accounts.models.audit import AuditEvent, Event
from accounts.models.people import User
from accounts.models.sessions import PendingLogIn, Session, Step
from accounts.roles import Role
from accounts.sign_in import log_in
from accounts.sign_in.forms import PasswordForm
from tests import factories
from tests.factories import PASSWORD, acting

pytestmark = [pytest.mark.django_db, pytest.mark.real_hashes]
NOW = timezone.now()


@pytest.fixture
def receptionist() -> User:
    return factories.person(given_name="Sarah", family_name="Okafor", email="sarah.o@nhs.example")


def test_the_hash_is_argon2id_with_owasp_s_parameters() -> None:
    assert make_password("three quiet herons").startswith("argon2$argon2id$v=19$m=19456,t=2,p=1$")


def older_hash(
    password: str = PASSWORD,
    *,
    memory: int = 8,
    passes: int = 1,
    lanes: int = 1,
    kind: low_level.Type = low_level.Type.ID,
) -> str:
    """Hash a password with other parameters than ours."""
    salt = b"somesaltsomesalt"
    hashed = low_level.hash_secret(password.encode(), salt, passes, memory, lanes, 32, kind)
    return f"argon2{hashed.decode()}"


OLDER = {
    "less of everything": older_hash(),
    "Django's own": older_hash(memory=102_400, passes=2, lanes=8),
    "more passes": older_hash(memory=19_456, passes=3),
    "Argon2i": older_hash(memory=19_456, passes=2, kind=low_level.Type.I),
}


class TestOlderHashes:
    """They are made anew as soon as their owner gives the password."""

    @pytest.mark.parametrize("kind", OLDER)
    def test_an_older_hash_is_renewed_when_its_owner_logs_in(self, kind: str) -> None:
        user = factories.active_person()
        User.objects.update(password=OLDER[kind])
        log_in.accept_password(user.email, PASSWORD, actor=acting(now=NOW))
        user.refresh_from_db()
        assert user.password.startswith("argon2$argon2id$v=19$m=19456,t=2,p=1$")
        assert user.check_password(PASSWORD)

    def test_when_a_screen_is_unlocked_and_no_session_ends(self, client: Client) -> None:
        user = factories.active_person()
        other = Client(headers={"x-forwarded-proto": "https"})
        for browser in (client, other):
            factories.sign_in(browser, user)
        User.objects.update(password=OLDER["less of everything"])
        session = Session.objects.order_by("pk")[0]
        log_in.unlock_screen(session, PASSWORD, acting(now=NOW))
        user.refresh_from_db()
        assert "m=19456" in user.password
        assert user.session_epoch == 0
        assert other.get("/account/").status_code == 200

    def test_not_with_a_wrong_one(self) -> None:
        user = factories.active_person()
        User.objects.update(password=OLDER["less of everything"])
        with pytest.raises(errors.Denied):
            log_in.accept_password(user.email, "wrong", actor=acting(now=NOW))
        user.refresh_from_db()
        assert user.password == OLDER["less of everything"]

    def test_never_over_one_that_was_chosen_meanwhile(self) -> None:
        user = factories.active_person()
        user.password = OLDER["less of everything"]  # as a request has loaded it
        chosen = make_password("four louder herons")
        User.objects.update(password=chosen)
        assert user.check_password(PASSWORD)
        user.refresh_from_db()
        assert user.password == chosen

    def test_ours_is_not_written_again(self, django_assert_num_queries: Any) -> None:
        user = factories.active_person()
        with django_assert_num_queries(0):
            assert user.check_password(PASSWORD)

    @pytest.mark.parametrize(
        "hashed", [PBKDF2PasswordHasher().encode(PASSWORD, "salt", 10), "!void", "", "odd", "a$b$c"]
    )
    def test_a_hash_of_another_kind_opens_nothing_and_is_no_error(self, hashed: str) -> None:
        user = factories.active_person()
        User.objects.update(password=hashed)
        with pytest.raises(errors.Denied, match="not right"):
            log_in.accept_password(user.email, PASSWORD, actor=acting(now=NOW))


def test_a_password_does_not_grow_old() -> None:
    user = factories.active_person()
    later = NOW + timedelta(days=400)
    log_in.accept_password(user.email, PASSWORD, actor=acting(now=later))
    assert PendingLogIn.objects.get().step == Step.CODE


@pytest.mark.parametrize(
    "password",
    [
        "three quiet herons",
        "kräftige Möwe über",
        "x7!Kp2#qLm9z",
        " leading and trailing ",
        "🦆🦢🦩🐦🦅🦉🦚🦜🐓🐧🕊🦤",
        "correct horse battery staple" * 4,
        "okafor-likes-kayaks",
        "okafor x7!Kp2#qLm9z",
        "mountain rescue at dawn",
        "x7!Kp2#qLm9z" + "x" * 200,
        "coffeetrainfish",
        "threequietherons",
        "Three-Quiet-Herons",
        "quiet" + "heron " * 41 + "12345",
    ],
)
def test_long_and_unusual_is_enough(receptionist: User, password: str) -> None:
    validate_password(password, receptionist)


@pytest.mark.parametrize(
    ("password", "words"),
    [
        ("elevenchars", "12 characters or more"),
        (" " * 20, "5 different characters"),
        ("abababababab", "5 different characters"),
        ("password1234", "must not be a common one"),
        ("qwertyuiop123", "must not be a common one"),
        ("PharmRefer2026", "must not be based on"),
        ("pharmacypharmacy", "must not be based on"),
        ("SarahOkafor1!", "must not be based on"),
        ("okafor okafor", "must not be based on"),
        ("Larkfield Surgery 1", "must not be based on"),
        ("pharmrefer2026!!", "must not be based on"),
        ("Ph4rmR3f3r2026!", "must not be based on"),
        ("PharmRefer2026!!2026!!", "must not be based on"),
        ("2026-11-23 pharmrefer", "must not be based on"),
        ("0k4for.0k4for.99", "must not be based on"),
        ("L@rkfie1d$urgery", "must not be based on"),
        ("sarah.o@nhs.example", "must not be based on"),
        ("P@ssw0rd12345", "must not be a common one"),
        ("Summer2026!!!", "must not be a common one"),
        ("welcome!welcome!", "must not be a common one"),
        ("monkeymonkey1", "must not be a common one"),
        ("1234567890123", "must not be a common one"),
        ("!!!!liverpool1", "must not be a common one"),
        ("123456789012", "too easy to guess"),
        ("111222333444555", "too easy to guess"),
        ("112233445566", "too easy to guess"),
        ("147258369147", "too easy to guess"),
        ("qwertyuiop[]", "too easy to guess"),
        ("zxcvbnm,./zx", "too easy to guess"),
        ("asdfghjkl;'#", "too easy to guess"),
        ("1qaz2wsx3edc", "too easy to guess"),
        ("poiuytrewq12", "too easy to guess"),
        ("aaaabbbbcccc", "5 different characters"),
        ("01/01/1990abc", "too easy to guess"),
        ("Manchester123", "too easy to guess"),
        ("monkeydragon1", "too easy to guess"),
        ("x" * 59 + "quiet", "too easy to guess"),
        ("Receptionist123!", "a job role"),
        ("PracticeManager2026!", "a job role"),
        ("Healthcare-assistant1", "a job role"),
        ("Doctor-Surgery-2026", "a job role"),
        ("１２３４５６７８９０１２", "too easy to guess"),
    ],
)
def test_what_is_guessed_first_is_refused_with_its_reason(
    receptionist: User, password: str, words: str
) -> None:
    with pytest.raises(ValidationError, match=words):
        validate_password(password, receptionist)


@pytest.mark.parametrize("password", ["marklanemarklane", "Herongate-1234"])
def test_words_within_words_and_of_the_user_name_are_refused(password: str) -> None:
    user = factories.person(
        given_name="Mark", family_name="Marklane", email="mark.herongate@nhs.example"
    )
    with pytest.raises(ValidationError, match="must not be based on"):
        validate_password(password, user)


@pytest.mark.parametrize("password", ["z91234-z91234", "Z91234 Z91234 99", "Z91234!!2026!!"])
def test_the_practice_s_code_is_refused(password: str) -> None:
    user = factories.person(at=factories.practice(ods_code="Z91234"))
    with pytest.raises(ValidationError, match="must not be based on"):
        validate_password(password, user)


@pytest.mark.parametrize("role", [Role.PRACTICE_ADMINISTRATOR, Role.SERVICE_DESK, Role.OPERATOR])
def test_who_can_do_more_needs_a_longer_one(role: Role) -> None:
    user = factories.person(role=role)
    with pytest.raises(ValidationError, match="15 characters or more"):
        validate_password("quiet herons", user)
    validate_password("three quiet herons", user)


def test_the_hint_for_one_person_is_not_the_next_one_s() -> None:
    receptionist, operator = factories.person(), factories.person(role=Role.OPERATOR)
    first, second = PasswordForm(receptionist), PasswordForm(operator)
    assert "12 characters" in str(first["password"].help_text)
    assert "15 characters" in str(second["password"].help_text)
    assert "12 characters" in str(first["password"].help_text)


MAC, WINDOWS = "ka\u0308lte mo\u0308we u\u0308ber", "k\u00e4lte m\u00f6we \u00fcber"
WIDE, PLAIN = "ｔｈｒｅｅ　ｑｕｉｅｔ　ｈｅｒｏｎｓ", "three quiet herons"


class TestNormalised:
    """One password, however the computer sends it."""

    @pytest.mark.parametrize(
        ("chosen", "typed"), [(MAC, WINDOWS), (WINDOWS, MAC), (WIDE, PLAIN), (PLAIN, WIDE)]
    )
    def test_what_one_computer_sends_is_what_another_one_does(
        self, chosen: str, typed: str
    ) -> None:
        user = factories.active_person()
        User.objects.update(password=make_password(chosen))
        log_in.accept_password(user.email, typed, actor=acting(now=NOW))
        assert AuditEvent.objects.filter(event=Event.FACTOR_REFUSED).count() == 0

    def test_a_hash_of_what_was_typed_before_goes_on_and_is_renewed(self) -> None:
        user = factories.active_person()
        User.objects.update(password=older_hash(MAC, memory=19_456, passes=2))
        user.refresh_from_db()
        assert not user.check_password(WINDOWS)  # as it always was
        assert user.check_password(MAC)
        user.refresh_from_db()
        assert user.check_password(WINDOWS)
        assert user.check_password(MAC)
        assert not user.check_password(MAC + "!")

    def test_it_is_never_renewed_over_one_that_was_chosen_meanwhile(self) -> None:
        user = factories.active_person()
        user.password = older_hash(MAC, memory=19_456, passes=2)  # as a request has loaded it
        chosen = make_password("four louder herons")
        User.objects.update(password=chosen)
        assert user.check_password(MAC)
        user.refresh_from_db()
        assert user.password == chosen

    @pytest.mark.parametrize(
        ("typed", "hashes"),
        [("a wrong one", 1), (WINDOWS, 1), ("wrong ", 2), (MAC, 2), (f" {MAC}\n", 3)],
    )
    @pytest.mark.parametrize("is_there", [True, False])
    def test_nobody_learns_from_the_time_it_takes_whether_a_user_is_there(
        self, typed: str, hashes: int, is_there: bool, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        user = factories.active_person()
        made: list[str] = []

        def counted(work: Any) -> Any:
            def do(*given: Any, **named: Any) -> Any:
                made.append(work.__name__)
                return work(*given, **named)

            return do

        for name in ("hash_secret", "verify_secret"):
            monkeypatch.setattr(low_level, name, counted(getattr(low_level, name)))
            monkeypatch.setattr(f"argon2._password_hasher.{name}", getattr(low_level, name))
        named = user.email if is_there else "nobody@nhs.example"
        with pytest.raises(errors.Denied):
            log_in.accept_password(named, typed, actor=acting(now=NOW))
        assert len(made) == hashes

    @pytest.mark.parametrize("typed", [f" {PLAIN}", f"{PLAIN} ", f"{PLAIN}\n", f"\u00a0{PLAIN}"])
    def test_spaces_that_were_pasted_along_do_not_make_it_wrong(self, typed: str) -> None:
        user = factories.active_person()
        User.objects.update(password=make_password(PLAIN))
        user.refresh_from_db()
        assert user.check_password(typed)
        assert not user.check_password(PLAIN.replace(" ", "  "))

    def test_those_that_were_chosen_count(self) -> None:
        user = factories.active_person()
        User.objects.update(password=make_password(f" {PLAIN} "))
        user.refresh_from_db()
        assert user.check_password(f" {PLAIN} ")
        assert not user.check_password(PLAIN)

    def test_length_counts_letters_and_not_how_they_are_sent(self, receptionist: User) -> None:
        short = "ä" * 3 + "ö" * 3 + "éèçñ"
        for sent in (short, unicodedata.normalize("NFD", short)):
            with pytest.raises(ValidationError, match="12 characters or more"):
                validate_password(sent, receptionist)
        longest = unicodedata.normalize("NFD", "äöüéèç ñåøæß"[:8] * 32)
        form = PasswordForm(receptionist, {"password": longest})
        assert len(longest) > LONGEST
        assert "characters or fewer" not in str(form.errors)
        form = PasswordForm(receptionist, {"password": "x" * (LONGEST + 1)})
        assert "Password must be 256 characters or fewer" in str(form.errors)
        form = PasswordForm(receptionist, {"password": "\u0316\u0301" * 100_000})
        assert "Password must be 256 characters or fewer" in str(form.errors)

    def test_the_list_of_what_people_use_is_compared_with_what_is_hashed(
        self, receptionist: User
    ) -> None:
        with pytest.raises(ValidationError, match="must not be a common one"):
            validate_password("ｐａｓｓｗｏｒｄ１２３４", receptionist)


def test_only_one_thing_is_said_of_a_password_that_is_refused(receptionist: User) -> None:
    form = PasswordForm(receptionist, {"password": "1234567890"})
    assert form.errors["password"] == ["Password must be 12 characters or more"]
