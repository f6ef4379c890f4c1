"""The clinical content of a run: the first pack, live on every day, with nobody behind it."""

import hashlib
import os
from collections.abc import Iterable, Mapping
from datetime import date

import msgspec
import psycopg

from referrals.clinical import packs, reading
from referrals.clinical.packs import Group, Pack, Pathway, SymptomGroup
from referrals.content_packs import FIRST_PACK

FIRST = reading.read_pack(FIRST_PACK)
LIVE = msgspec.structs.replace(FIRST, starts_on=date(2000, 1, 1), ends_on=date(2200, 12, 31))
ADDED = """
    INSERT INTO referrals_contentpack
        (version, content, sha256, starts_on, ends_on, loaded_at, confirmed_at)
    VALUES (%s, %s, %s, %s, %s, now(), now())
    ON CONFLICT (version) DO NOTHING
"""


def _shown(groups: Iterable[Group]) -> dict[str, str]:
    return {f"shown_{each.code}": " ".join(item.code for item in each.items) for each in groups}


def groups_of(pack: Pack) -> list[Group]:
    asking: list[Pathway | SymptomGroup] = [*pack.pathways, *pack.symptom_groups]
    return [pack.emergency, *(group for each in asking for group in each.groups)]


# What a page sends that shows everything.
SHOWN = _shown(groups_of(FIRST))


def answered(answers: Mapping[str, str], pack: Pack = FIRST) -> dict[str, str]:
    """Return answers with what was shown with them: all of each group, unless they say it."""
    return _shown(each for each in groups_of(pack) if f"q_{each.code}" in answers) | dict(answers)


def make_live() -> None:
    """As the table's owner: a new installation has no users, who would have to agree."""
    content = packs.to_json(LIVE)
    sha256 = hashlib.sha256(content.encode()).hexdigest()
    with psycopg.connect(os.environ["DATABASE_OWNER_URL"]) as owner:
        owner.execute(ADDED, [LIVE.version, content, sha256, LIVE.starts_on, LIVE.ends_on])
