"""What the style sheets and scripts are that every page needs, as they left us."""

import hashlib
from functools import cache
from pathlib import Path

from django.conf import settings
from django.templatetags.static import static

NAMES = ("nhsuk/nhsuk.css", "nhsuk/nhsuk.js", "pharmrefer/app.css", "pharmrefer/app.js")


@cache
def expected() -> dict[str, dict[str, int | str]]:
    """Return by address how many bytes each has and their SHA-256, in hex."""
    return {address: _fingerprint(address) for address in map(static, NAMES)}


def _fingerprint(address: str) -> dict[str, int | str]:
    contents = Path(settings.STATIC_ROOT, address.removeprefix(settings.STATIC_URL)).read_bytes()
    return {"bytes": len(contents), "sha256": hashlib.sha256(contents).hexdigest()}
