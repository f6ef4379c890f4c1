"""How fast secrets are sealed with a new key, against sealing as many in a loop."""

import statistics
import time
from datetime import UTC, datetime

from django.conf import settings
from django.test import override_settings

from accounts import encryption
from accounts.models.credentials import Authenticator
from accounts.models.people import User
from referrals import rotation
from tests.bench.effort import whole_or

ROUNDS = whole_or(5, 1)
SECRETS = whole_or(10_000, 100)  # of as many people
NEW = bytes(range(32))
(COLUMN,) = (column for column in rotation.COLUMNS if column.model is Authenticator)


def measure() -> dict[str, float]:
    """Return rows per second, sealed in a loop and rotated, and the ratio.

    And seconds for 10,000, in the slowest round.
    """
    _make()
    old = dict(settings.FIELD_KEYS)
    new = {min(set(range(1, 256)) - old.keys()): NEW}
    sealed, rotated = [], []
    for _ in range(ROUNDS):
        # There and back: whatever else is measured has the old keys only.
        for keys in (new | old, old | new):
            sealed.append(_sealed_per_s())
            with override_settings(FIELD_KEYS=keys):
                rotated.append(_rotated_per_s())
    ratios = [ours / floor for ours, floor in zip(rotated, sealed, strict=True)]
    return {
        "rotation_sealed_per_s": statistics.median(sealed),
        "rotation_per_s": statistics.median(rotated),
        "rotation_ratio": statistics.median(ratios),
        "rotation_of_10000_s": 10_000 / min(rotated),
    }


def _make() -> None:
    """Give each of many people an authenticator."""
    people = User.objects.bulk_create(
        (
            User(email=f"number.{number}@bench.example", given_name="Jane", family_name="Doe")
            for number in range(SECRETS)
        ),
        batch_size=1000,
    )
    now = datetime.now(UTC)
    made = [Authenticator(user=user, name="App", created_at=now) for user in people]
    for each in made:
        each.sealed_secret = encryption.seal(b"A" * 32, belongs_to=each.owner)
    Authenticator.objects.bulk_create(made, batch_size=1000)


def _sealed_per_s() -> float:
    started = time.perf_counter()
    for number in range(SECRETS):
        encryption.seal(b"A" * 32, belongs_to=f"authenticator of user {number}")
    return SECRETS / (time.perf_counter() - started)


def _rotated_per_s() -> float:
    started = time.perf_counter()
    changed, last = rotation.rotate(COLUMN, tell=lambda _: None)
    took = time.perf_counter() - started
    assert changed == last.seen >= SECRETS, "every row, those of other measurements too"
    assert last.is_settled
    return changed / took
