"""Passwords: a hash that is slow for thieves, and few rules for people."""

from datetime import timedelta
from typing import Any

import pytest
from argon2 import low_level
from django.contrib.auth.hashers import PBKDF2PasswordHasher, make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import timezone

from accounts import actions
from accounts.forms import PasswordForm
from accounts.models import PendingLogIn, Session, Step, User
from accounts.roles import Role
from tests import factories
from tests.factories import ORIGIN, PASSWORD

pytestmark = pytest.mark.django_db
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
        actions.accept_password(user.email, PASSWORD, next_path="", origin=ORIGIN, now=NOW)
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
        actions.unlock(session, PASSWORD, origin=ORIGIN, now=NOW)
        user.refresh_from_db()
        assert "m=19456" in user.password
        assert user.session_epoch == 0
        assert other.get("/account/").status_code == 200

    def test_not_with_a_wrong_one(self) -> None:
        user = factories.active_person()
        User.objects.update(password=OLDER["less of everything"])
        with pytest.raises(actions.DeniedError):
            actions.accept_password(user.email, "wrong", next_path="", origin=ORIGIN, now=NOW)
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
        with pytest.raises(actions.DeniedError, match="not right"):
            actions.accept_password(user.email, PASSWORD, next_path="", origin=ORIGIN, now=NOW)


def test_a_password_does_not_grow_old() -> None:
    user = factories.active_person()
    later = NOW + timedelta(days=400)
    actions.accept_password(user.email, PASSWORD, next_path="", origin=ORIGIN, now=later)
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
        "x" * 59 + "quiet",
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
        ("password1234", "many people use"),
        ("qwertyuiop123", "many people use"),
        ("PharmRefer2026", "must not be made of"),
        ("pharmacypharmacy", "must not be made of"),
        ("SarahOkafor1!", "must not be made of"),
        ("okafor okafor", "must not be made of"),
        ("Larkfield Surgery 1", "must not be made of"),
        ("pharmrefer2026!!", "must not be made of"),
        ("Ph4rmR3f3r2026!", "must not be made of"),
        ("PharmRefer2026!!2026!!", "must not be made of"),
        ("2026-11-23 pharmrefer", "must not be made of"),
        ("0k4for.0k4for.99", "must not be made of"),
        ("L@rkfie1d$urgery", "must not be made of"),
        ("sarah.o@nhs.example", "must not be made of"),
        ("P@ssw0rd12345", "many people use"),
        ("Summer2026!!!", "many people use"),
        ("welcome!welcome!", "many people use"),
        ("monkeymonkey1", "many people use"),
        ("1234567890123", "many people use"),
        ("!!!!liverpool1", "many people use"),
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
    with pytest.raises(ValidationError, match="must not be made of"):
        validate_password(password, user)


@pytest.mark.parametrize("password", ["z91234-z91234", "Z91234 Z91234 99", "Z91234!!2026!!"])
def test_the_practice_s_code_is_refused(password: str) -> None:
    user = factories.person(at=factories.practice(ods_code="Z91234"))
    with pytest.raises(ValidationError, match="must not be made of"):
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
