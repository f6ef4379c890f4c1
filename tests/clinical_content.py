"""The clinical content of a run: the first pack, live on every day, with nobody behind it."""

import hashlib
import os
from datetime import date

import msgspec
import psycopg

from referrals.clinical import packs, reading
from referrals.content_packs import FIRST_PACK

FIRST = reading.read_pack(FIRST_PACK)
LIVE = msgspec.structs.replace(FIRST, starts_on=date(2000, 1, 1), ends_on=date(2200, 12, 31))
ADDED = """
    INSERT INTO referrals_contentpack
        (version, content, sha256, starts_on, ends_on, loaded_at, confirmed_at)
    VALUES (%s, %s, %s, %s, %s, now(), now())
    ON CONFLICT (version) DO NOTHING
"""


def make_live() -> None:
    """As the table's owner: a new installation has no users, who would have to agree."""
    content = packs.to_json(LIVE)
    sha256 = hashlib.sha256(content.encode()).hexdigest()
    with psycopg.connect(os.environ["DATABASE_OWNER_URL"]) as owner:
        owner.execute(ADDED, [LIVE.version, content, sha256, LIVE.starts_on, LIVE.ends_on])
