"""Invented people, as many as a measurement needs."""

from typing import Any

from django.conf import settings
from django.test import Client

from accounts.models import Membership, User
from accounts.roles import Role
from referrals.nhs_numbers import is_valid
from tests import factories
from tests.bench.load import TOKEN


def session_cookie(person: Membership) -> str:
    """Sign somebody in and return the cookies that their browser sends."""
    client = Client()
    factories.sign_in(client, person.user)
    key = client.cookies[settings.SESSION_COOKIE_NAME].value
    return f"{settings.SESSION_COOKIE_NAME}={key}; csrftoken={TOKEN}"


def practice_of(many: int) -> str:
    """Sign in the administrator of a practice with so many people; return their cookies."""
    boss = factories.member(role=Role.PRACTICE_ADMINISTRATOR)
    others = User.objects.bulk_create(
        User(
            email=f"pat.{boss.practice_id}.{number}@larkfield.example",
            given_name="Pat",
            family_name=f"Ash{number}",
        )
        for number in range(many - 1)
    )
    Membership.objects.bulk_create(
        Membership(user=each, practice=boss.practice, role=Role.STAFF) for each in others
    )
    return session_cookie(boss)


def patient(number: int) -> dict[str, Any]:
    """Return what is another for each patient: nobody is sent twice in a day without a question."""
    tens = (f"999{number:06}{check}" for check in range(10))
    letters = "".join(chr(ord("a") + int(digit)) for digit in str(number))
    found = next(filter(is_valid, tens), "")  # one in eleven has no check digit
    return {"nhs_number": found, "family_name": f"Ash{letters}"}
