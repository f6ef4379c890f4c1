"""Invented people, as many as a measurement needs."""

from typing import Any

from django.conf import settings
from django.test import Client

from accounts.models import Membership
from referrals.nhs_numbers import is_valid
from tests import factories
from tests.bench.load import TOKEN


def session_cookie(person: Membership) -> str:
    """Sign somebody in and return the cookies that their browser sends."""
    client = Client()
    factories.sign_in(client, person.user)
    key = client.cookies[settings.SESSION_COOKIE_NAME].value
    return f"{settings.SESSION_COOKIE_NAME}={key}; csrftoken={TOKEN}"


def patient(number: int) -> dict[str, Any]:
    """Return what is another for each patient: nobody is sent twice in a day without a question."""
    tens = (f"999{number:06}{check}" for check in range(10))
    letters = "".join(chr(ord("a") + int(digit)) for digit in str(number))
    found = next(filter(is_valid, tens), "")  # one in eleven has no check digit
    return {"nhs_number": found, "family_name": f"Ash{letters}"}
