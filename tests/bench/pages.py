"""What pages cost: CPU and rate, against the floor on the same server in the same round."""

import os
import statistics
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import islice, repeat
from pathlib import Path

from django.conf import settings
from django.test import Client

from accounts.models.people import Membership
from accounts.models.sessions import Step
from pharmrefer.local.programs import answers, web
from referrals.models.pharmacies import Pharmacy
from tests import factories
from tests.bench import people
from tests.bench.effort import whole_or
from tests.bench.load import TOKEN, Served, Visit, asking, cpu_seconds, crowd, get, post
from tests.delivering import attempt
from tests.pharmrefer.local.harness import free_port
from tests.running import running

ROUNDS = whole_or(5, 1)  # after one that only warms up
SECONDS = whole_or(1.5, 0.1)  # for each page in each round
SENDS = whole_or(300, 10)  # in each round: each needs a draft of its own
AT_ONCE = 8
PRACTICES, IN_EACH = whole_or(6500, 20), 8  # people in each: a region
LISTED = 50  # referrals on the home page: as many as it shows

Figures = dict[str, float]


@dataclass(frozen=True)
class Page:
    """Something to ask for."""

    name: str
    port: int
    visits: Callable[[], Iterator[Visit]]


def measure(folder: Path, site: Served, pharmacies: list[Pharmacy]) -> Figures:
    """Return milliseconds of the server's CPU and requests per second, and ratios to the floor."""
    floor_port = free_port()
    nothing = os.environ | {"DJANGO_SETTINGS_MODULE": "tests.bench.floor"}
    on_the_same = web(nothing, floor_port)
    floor = replace(
        on_the_same,
        name="floor",
        # The server's own WSGI side, with nothing of ours before the view.
        command=[
            *(*on_the_same.command[:-1], "--interface", "wsgi", "--blocking-threads", "2"),
            "tests.bench.floor:application",
        ],
        ready=lambda: answers(floor_port, "/"),
    )
    with running([floor], folder) as processes:
        groups = {floor_port: processes["floor"].pid, site.port: site.group}
        pages = [
            Page("floor", floor_port, lambda: repeat_asking(get("/"))),
            *_pages(site.port, pharmacies),
        ]
        rounds = [
            {page.name: _ask(page, groups[page.port]) for page in pages} for _ in range(ROUNDS + 1)
        ][1:]
    figures = {}
    for page in pages:
        costs = [each[page.name] for each in rounds]
        figures[f"{page.name}_cpu_ms"] = statistics.median(cpu for cpu, _ in costs)
        figures[f"{page.name}_per_s"] = statistics.median(rate for _, rate in costs)
        if page.name != "floor":
            floors = [each["floor"] for each in rounds]
            ratios = [cost[0] / of[0] for cost, of in zip(costs, floors, strict=True)]
            rates = [cost[1] / of[1] for cost, of in zip(costs, floors, strict=True)]
            figures[f"{page.name}_cpu_ratio"] = statistics.median(ratios)
            figures[f"{page.name}_rate_ratio"] = statistics.median(rates)
    for name in ("people", "desk_practice"):
        few, many = figures[f"{name}_10_cpu_ms"], figures[f"{name}_500_cpu_ms"]
        figures[f"{name}_growth"] = many / few
    return figures


def repeat_asking(request: bytes) -> Iterator[Visit]:
    """Return visits without end that ask for the same."""
    return (asking(each) for each in repeat(request))


def _ask(page: Page, group: int) -> tuple[float, float]:
    """Return milliseconds of CPU a request, and requests per second."""
    before = cpu_seconds(group)
    made = crowd(page.port, page.visits(), at_once=AT_ONCE, seconds=SECONDS)
    used = cpu_seconds(group) - before
    return 1000 * used / made.requests, made.requests / made.seconds


def _pages(port: int, pharmacies: list[Pharmacy]) -> Iterator[Page]:
    person = factories.member()
    status = _home(person, pharmacies)
    cookie = people.session_cookie(person)
    client = Client()
    factories.begin_log_in(client, factories.person(), Step.SET_UP)
    key = client.cookies[settings.PENDING_COOKIE_NAME].value
    pending = f"{settings.PENDING_COOKIE_NAME}={key}; csrftoken={TOKEN}"
    drafts = _drafts(pharmacies, SENDS * (ROUNDS + 1))
    requests = {
        "login_page": get("/log-in/", f"csrftoken={TOKEN}"),
        "set_up": get("/activate/authenticator/", pending),
        "home": get("/referrals/", cookie),
        # The questions of every condition are in it.
        "new_referral": get(f"/referrals/{uuid.uuid4()}/edit/", cookie),
        "status": get(f"/referrals/{status}/", cookie),
        **dict(_of_practices()),
    }
    for name, request in requests.items():
        yield Page(name, port, lambda request=request: repeat_asking(request))  # type: ignore[misc]
    yield Page("send", port, lambda: islice(drafts, SENDS))


def _of_practices() -> Iterator[tuple[str, bytes]]:
    """Yield what administrators and the service desk ask for, in a large region."""
    desk = people.session_cookie(people.region(PRACTICES, IN_EACH))
    yield "desk", get("/desk/", desk)
    for many in (10, 500):
        boss = people.practice_of(many)
        yield f"people_{many}", get("/people/", people.session_cookie(boss))
        yield f"desk_practice_{many}", get(f"/desk/practices/{boss.practice_id}/", desk)


def _home(person: Membership, pharmacies: list[Pharmacy]) -> uuid.UUID:
    """Give a practice as many referrals as its home shows; return one that was delivered."""
    for number in range(3):
        factories.draft(by=person, to=pharmacies[0], **people.patient(number))
    for number in range(LISTED):
        made = factories.sent(by=person, to=pharmacies[0], **people.patient(number))
        message = made.messages.get()
        assert attempt(message.pk) == "accepted"
    return made.pk


def _drafts(pharmacies: list[Pharmacy], count: int) -> Iterator[Visit]:
    """Return visits that each send a referral, once."""
    person = factories.member()
    cookie = people.session_cookie(person)
    written = [
        factories.draft(by=person, to=pharmacies[n % len(pharmacies)], **people.patient(n)).pk
        for n in range(count)
    ]
    for draft in written:
        request = post(f"/referrals/{draft}/send/", cookie, version="1", known="0")
        yield asking(request, leads_to=f"/referrals/{draft}/")
