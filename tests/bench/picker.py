"""How long a search for a pharmacy takes among all that England has."""

import random
import statistics
import time

from referrals.imports import locate_pharmacies
from referrals.models.pharmacies import Pharmacy
from referrals.models.postcodes import Postcode
from tests import factories
from tests.bench import people
from tests.bench.effort import whole_or
from tests.bench.load import Served, asking, crowd, post

PHARMACIES = whole_or(10_435, 200)  # as many as England has
ROUNDS = whole_or(9, 1)
NAMES = ("Boots", "Well", "Rowlands Pharmacy", "Late Night Pharmacy", "Tesco Instore Pharmacy")
STREETS = ("High Street", "Evington Road", "St. Matthews Street", "Station Road", "The Parade")
TOWNS = ("Leicester", "Leeds", "Bristol", "Norwich", "Hinckley, Leicestershire")
SEARCHES = (
    *("boots le1", "well", "LE1 5WW", "le1", "st matthews", "tesco leicester", "FV095"),
    *("evington road leicester", "rowlands chemist", "night", "pharmacy", "e", "a b c d e f"),
)


def measure(site: Served) -> dict[str, float]:
    """Return the milliseconds of the slowest search, each asked for several times by itself."""
    person = factories.member()
    assert person.practice
    _fill(person.practice.postcode)
    cookie = people.session_cookie(person)
    slowest = 0.0
    for search in SEARCHES:
        request = post("/referrals/pharmacies/", cookie, search=search, postcode="LE1 5WW")
        taken = []
        for _ in range(ROUNDS + 1):  # the first warms up
            start = time.perf_counter()
            crowd(site.port, [asking(request)], at_once=1)
            taken.append(time.perf_counter() - start)
        slowest = max(slowest, statistics.median(taken[1:] or taken))
    return {"picker_ms": 1000 * slowest}


def _fill(practice: str) -> None:
    chosen = random.Random(1)  # noqa: S311  the same each time
    codes = [
        f"LE{number // 400 + 1} {number % 10}{_letters(number)}" for number in range(PHARMACIES)
    ]
    made = [
        Pharmacy(
            ods_code=f"B{number:05}",
            name=chosen.choice(NAMES),
            address=f"{number} {chosen.choice(STREETS)}, {chosen.choice(TOWNS)}",
            postcode=code,
            phone="01632 960201",
            dos_service_id=f"3{number:09}",
            endpoint="http://127.0.0.1:9",  # nobody is there
            opening_hours="Mo-Fr 09:00-18:00; Sa 09:00-13:00; PH off",
            offers_pharmacy_first=True,
        )
        for number, code in enumerate(codes)
    ]
    Pharmacy.objects.bulk_create(made, batch_size=1000)
    located = {code.replace(" ", "") for code in codes} | {practice.replace(" ", ""), "LE15WW"}
    Postcode.objects.bulk_create(
        (
            Postcode(
                code=code,
                easting=chosen.randrange(100_000, 650_000),
                northing=chosen.randrange(20_000, 650_000),
            )
            for code in sorted(located)
        ),
        ignore_conflicts=True,
        batch_size=1000,
    )
    locate_pharmacies()
    assert Pharmacy.objects.exclude(easting=None).count() >= PHARMACIES


def _letters(number: int) -> str:
    first, second = divmod(number // 10 % 400, 20)
    return "ABDEFGHJLNPQRSTUWXYZ"[first] + "ABDEFGHJLNPQRSTUWXYZ"[second]
