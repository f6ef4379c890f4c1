"""Invented people, as many as a measurement needs."""

from typing import Any

from django.conf import settings
from django.test import Client
from django.utils import timezone

from accounts.models.people import Membership, Practice, User
from accounts.roles import Role
from referrals.nhs_numbers import is_valid
from tests import factories
from tests.bench.load import TOKEN

BATCH = 2000  # rows a statement


def session_cookie(person: Membership) -> str:
    """Sign a user in and return the cookies that their browser sends."""
    client = Client()
    factories.sign_in(client, person.user)
    key = client.cookies[settings.SESSION_COOKIE_NAME].value
    return f"{settings.SESSION_COOKIE_NAME}={key}; csrftoken={TOKEN}"


def practice_of(many: int) -> Membership:
    """Return the administrator of a practice with so many people."""
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
    return boss


def region(practices: int, people: int) -> Membership:
    """Make a region with so many practices and people in each; return a member of its desk.

    One practice in a hundred has no administrator, and one person in a thousand is locked.
    """
    icb = factories.practice().icb
    there = Practice.objects.bulk_create(
        (
            Practice(
                ods_code=f"B{number:05}", name=f"Practice {number}", icb=icb, phone="01632 960101"
            )
            for number in range(practices)
        ),
        batch_size=BATCH,
    )
    everybody = User.objects.bulk_create(
        (
            User(
                email=f"sam.{number}@region.example",
                given_name="Sam",
                family_name=f"Oak{number}",
                locked_at=None if number % 1000 else timezone.now(),
            )
            for number in range(practices * people)
        ),
        batch_size=BATCH,
    )
    Membership.objects.bulk_create(
        (
            Membership(
                user=each,
                practice=there[number // people],
                role=Role.STAFF
                if number % people or number // people % 100 == 0
                else Role.PRACTICE_ADMINISTRATOR,
            )
            for number, each in enumerate(everybody)
        ),
        batch_size=BATCH,
    )
    return factories.member(role=Role.SERVICE_DESK)


def patient(number: int) -> dict[str, Any]:
    """Return what is another for each patient: nobody is sent twice in a day without a question."""
    tens = (f"999{number:06}{check}" for check in range(10))
    letters = "".join(chr(ord("a") + int(digit)) for digit in str(number))
    found = next(filter(is_valid, tens), "")  # one in eleven has no check digit
    return {"nhs_number": found, "family_name": f"Ash{letters}"}
