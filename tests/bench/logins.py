"""How many people can log in, against Django's own way to hash passwords, and what it costs."""

import os
import statistics
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pyotp
from django.conf import settings
from django.contrib.auth.hashers import PBKDF2PasswordHasher, check_password, make_password

from accounts.models import Practice
from pharmrefer.local.programs import web
from tests import factories
from tests.bench.effort import whole_or
from tests.bench.load import TOKEN, Visit, cpu_seconds, crowd, get, post
from tests.pharmrefer.local.harness import free_port
from tests.running import running

ROUNDS = whole_or(3, 1)
AT_ONCE = 4
WEB_WORKERS = 2  # processes of the web server, each of which hashes one password at a time
OURS, DJANGOS = whole_or(160, 4), whole_or(24, 4)  # people in each round


def measure(folder: Path, port: int) -> dict[str, float]:
    """Return log-ins per second, both ways, and the ratio; a password and a code each.

    Of ours also milliseconds of the server's CPU: for all of a log-in, for the hash alone, and
    for the rest.
    """
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
    whole, hashing = [], []
    with running(programs, folder) as processes:
        for _ in range(ROUNDS):
            hashing.append(_hash_cpu_ms(hashes[port]))
            for where, count in ((port, OURS), (django_port, DJANGOS)):
                visits = list(_visits(count, at, hashes[where]))
                before = cpu_seconds(processes["web"].pid)
                made = crowd(where, visits, at_once=AT_ONCE)
                rates[where].append(made.visits / made.seconds)
                if where == port:
                    used = cpu_seconds(processes["web"].pid) - before
                    whole.append(1000 * used / made.visits)
    ratios = [ours / djangos for ours, djangos in zip(*rates.values(), strict=True)]
    return {
        "login_per_s": statistics.median(rates[port]),
        "login_django_hasher_per_s": statistics.median(rates[django_port]),
        "login_ratio": statistics.median(ratios),
        "login_cpu_ms": statistics.median(whole),
        "login_hash_cpu_ms": statistics.median(hashing),
        "login_rest_cpu_ms": statistics.median(
            all_of_it - the_hash for all_of_it, the_hash in zip(whole, hashing, strict=True)
        ),
    }


def _hash_cpu_ms(password_hash: str) -> float:
    """Return what checking one password takes, while others are checked as on the web server.

    Side by side they take longer: each fills 19 MiB.
    """
    checked = [(factories.PASSWORD, password_hash)] * OURS
    with ThreadPoolExecutor(WEB_WORKERS) as pool:
        before = time.process_time()
        are_right = list(pool.map(lambda each: check_password(*each), checked))
        used = time.process_time() - before
    assert all(are_right)
    return 1000 * used / OURS


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
