"""How many people can log in, against Django's own way to hash passwords."""

import os
import statistics
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pyotp
from django.conf import settings
from django.contrib.auth.hashers import PBKDF2PasswordHasher, make_password

from accounts.models import Practice
from pharmrefer.local.programs import web
from tests import factories
from tests.bench.effort import whole_or
from tests.bench.load import TOKEN, Visit, crowd, get, post
from tests.pharmrefer.local.harness import free_port
from tests.running import running

ROUNDS = whole_or(3, 1)
AT_ONCE = 4
OURS, DJANGOS = whole_or(160, 4), whole_or(24, 4)  # people in each round


def measure(folder: Path, port: int) -> dict[str, float]:
    """Return log-ins per second, both ways, and the ratio; a password and a code each."""
    at = factories.practice()
    django_port = free_port()
    as_django = os.environ | {
        "DJANGO_SETTINGS_MODULE": "tests.bench.django_hasher",
        "PUBLIC_URL": f"http://localhost:{django_port}",
    }
    programs = [web(dict(os.environ), port), replace(web(as_django, django_port), name="django")]
    django = PBKDF2PasswordHasher()
    hashes = {
        port: make_password(factories.PASSWORD),
        django_port: django.encode(factories.PASSWORD, django.salt()),
    }
    rates: dict[int, list[float]] = {port: [], django_port: []}
    with running(programs, folder):
        for _ in range(ROUNDS):
            for where, count in ((port, OURS), (django_port, DJANGOS)):
                visits = list(_visits(count, at, hashes[where]))
                made = crowd(where, visits, at_once=AT_ONCE)
                rates[where].append(made.visits / made.seconds)
    ratios = [ours / djangos for ours, djangos in zip(*rates.values(), strict=True)]
    return {
        "login_per_s": statistics.median(rates[port]),
        "login_django_hasher_per_s": statistics.median(rates[django_port]),
        "login_ratio": statistics.median(ratios),
    }


def _visits(count: int, at: Practice, password_hash: str) -> Iterator[Visit]:
    """Return the log-ins of so many people, each of whom has an authenticator."""
    for _ in range(count):
        user = factories.person(at=at)
        user.password = password_hash
        user.save()
        yield _log_in(user.email, factories.authenticator(user).secret)


def _log_in(user_name: str, secret: str) -> Visit:
    """Log in: password, the page that asks for the code, code.

    Raises:
        AssertionError: it does not succeed.
    """
    answer = yield post(
        "/log-in/", f"csrftoken={TOKEN}", user_name=user_name, password=factories.PASSWORD
    )
    assert answer.status == 302, answer
    pending = settings.PENDING_COOKIE_NAME
    cookie = f"{pending}={answer.cookie(pending)}; csrftoken={TOKEN}"
    answer = yield get("/log-in/code/", cookie)
    assert answer.status == 200, answer
    answer = yield post("/log-in/code/", cookie, code=pyotp.TOTP(secret).now())
    assert answer.status == 302, answer
    assert answer.cookie(settings.SESSION_COOKIE_NAME), answer
