"""Passwords: a hash that is slow for thieves, and few rules for people."""

import pytest
from argon2 import low_level
from django.contrib.auth.hashers import check_password, make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from accounts.forms import PasswordForm
from accounts.models import User
from accounts.roles import Role
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def receptionist() -> User:
    return factories.person(given_name="Sarah", family_name="Okafor", email="sarah.o@nhs.example")


def test_the_hash_is_argon2id_with_owasp_s_parameters() -> None:
    assert make_password("three quiet herons").startswith("argon2$argon2id$v=19$m=19456,t=2,p=1$")


def test_an_older_hash_is_renewed_when_its_owner_logs_in() -> None:
    hashed = low_level.hash_secret(
        b"three quiet herons", b"somesaltsomesalt", 1, 8, 1, 32, low_level.Type.ID
    )
    older = f"argon2{hashed.decode()}"
    renewed: list[str] = []
    assert check_password("three quiet herons", older, renewed.append)
    assert renewed == ["three quiet herons"]


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
        given_name="Mark", family_name="Marklane", email="herongate.desk@nhs.example"
    )
    with pytest.raises(ValidationError, match="must not be made of"):
        validate_password(password, user)


def test_the_practice_s_code_is_refused() -> None:
    user = factories.person(at=factories.practice(ods_code="Z91234"))
    with pytest.raises(ValidationError, match="must not be made of"):
        validate_password("z91234-z91234", user)


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
