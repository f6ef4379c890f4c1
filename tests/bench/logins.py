"""How many people can log in, against Django's own way to hash passwords, and what it costs."""

import os
import statistics
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

import pyotp
from django.conf import settings
from django.contrib.auth.hashers import PBKDF2PasswordHasher, check_password, make_password
from django.test import Client

from accounts.models.people import Practice
from accounts.models.sessions import Step
from pharmrefer.local.programs import web
from tests import factories
from tests.bench.effort import whole_or
from tests.bench.load import TOKEN, Served, Visit, asking, cpu_seconds, crowd, get, post
from tests.pharmrefer.local.harness import free_port
from tests.running import running

ROUNDS = whole_or(3, 1)
AT_ONCE = 4
PAGES = whole_or(500, 4)
WEB_WORKERS = 2  # processes of the web server, each of which hashes one password at a time
OURS, DJANGOS = whole_or(160, 4), whole_or(24, 4)  # people in each round


@dataclass(frozen=True)
class Way:
    """A web server that hashes passwords in one way, and a user's password as it keeps it."""

    port: int
    group: int
    password_hash: str
    people: int  # who log in in each round


def measure(folder: Path, site: Served) -> dict[str, float]:
    """Return log-ins per second, both ways, and the ratio; a password and a code each.

    Of ours also milliseconds of the server's CPU: for the two requests that log a user in,
    password and code, for the hash alone, and for the rest of the two.
    """
    django_port = free_port()
    as_django = os.environ | {
        "DJANGO_SETTINGS_MODULE": "tests.bench.django_hasher",
        "PUBLIC_URL": f"http://localhost:{django_port}",
    }
    programs = [replace(web(as_django, django_port), name="django")]
    django = PBKDF2PasswordHasher()
    in_django = django.encode(factories.PASSWORD, django.salt())
    at = factories.practice()
    with running(programs, folder) as processes:
        ours = Way(site.port, site.group, make_password(factories.PASSWORD), OURS)
        theirs = Way(django_port, processes["django"].pid, in_django, DJANGOS)
        rounds = [_round(ours, theirs, at) for _ in range(ROUNDS)]
    return {name: statistics.median(each[name] for each in rounds) for name in rounds[0]}


def _round(ours: Way, theirs: Way, at: Practice) -> dict[str, float]:
    rate, cpu_ms = _logged_in(ours, at)
    hashing, between = _hash_cpu_ms(ours), _page_cpu_ms(ours, at)  # once the server is warm
    theirs_rate, _ = _logged_in(theirs, at)
    return {
        "login_per_s": rate,
        "login_django_hasher_per_s": theirs_rate,
        "login_ratio": rate / theirs_rate,
        "login_cpu_ms": cpu_ms - between,
        "login_hash_cpu_ms": hashing,
        "login_rest_cpu_ms": cpu_ms - between - hashing,
    }


def _logged_in(way: Way, at: Practice) -> tuple[float, float]:
    """Let people log in; return how many did in a second, and milliseconds of CPU for each."""
    visits = list(_visits(way.people, at, way.password_hash))
    before = cpu_seconds(way.group)
    made = crowd(way.port, visits, at_once=AT_ONCE)
    used = cpu_seconds(way.group) - before
    return made.visits / made.seconds, 1000 * used / made.visits


def _hash_cpu_ms(way: Way) -> float:
    """Return what checking one password takes, while others are checked as on the web server.

    Side by side they take longer: each fills 19 MiB.
    """
    checked = [(factories.PASSWORD, way.password_hash)] * way.people
    with ThreadPoolExecutor(WEB_WORKERS) as pool:
        before = time.process_time()
        are_right = list(pool.map(lambda each: check_password(*each), checked))
        used = time.process_time() - before
    assert all(are_right)
    return 1000 * used / way.people


def _page_cpu_ms(way: Way, at: Practice) -> float:
    """Return what the page between password and code takes."""
    client = Client()
    factories.begin_log_in(client, factories.person(at=at), Step.CODE)
    name = settings.PENDING_COOKIE_NAME
    request = get("/log-in/code/", f"{name}={client.cookies[name].value}; csrftoken={TOKEN}")
    before = cpu_seconds(way.group)
    made = crowd(way.port, [asking(request) for _ in range(PAGES)], at_once=AT_ONCE)
    return 1000 * (cpu_seconds(way.group) - before) / made.requests


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
