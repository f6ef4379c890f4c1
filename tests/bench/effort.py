"""How much is measured: all of it, or just enough to see that every measurement still runs."""

import os
from typing import TypeVar

IS_QUICK = os.environ.get("BENCH") == "quick"
Amount = TypeVar("Amount", int, float)


def whole_or(whole: Amount, quick: Amount) -> Amount:
    """Return ``whole``, or ``quick`` where the figures are thrown away."""
    return quick if IS_QUICK else whole
