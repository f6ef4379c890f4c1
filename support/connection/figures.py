"""What a browser measured of its way to PharmRefer (by measure.js), read strictly. Pure."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

Count = Annotated[int, Meta(ge=0, le=100)]
Took = Annotated[int, Meta(ge=0, le=600_000)]  # milliseconds
Off = Annotated[int, Meta(ge=-(10**13), le=10**13)]  # milliseconds: three centuries
Size = Annotated[int, Meta(ge=0, le=10**7)]  # bytes
# RFC 7301 registers names such as h2 and http/1.1.
Protocol = Annotated[str, Meta(max_length=20, pattern=r"\A[a-z0-9/._-]*\Z")]


class Arrival(StrEnum):
    """What became of something on its way."""

    WHOLE = "whole"
    CUT = "cut"
    CHANGED = "changed"
    BLOCKED = "blocked"
    UNKNOWN = "unknown"  # not tested


class CookieState(StrEnum):
    KEPT = "kept"
    REFUSED = "refused"
    UNKNOWN = "unknown"


class Encryption(StrEnum):
    """As the browser and PharmRefer see it."""

    HTTPS = "https"
    HTTP = "http"
    DIFFERS = "differs"
    UNKNOWN = "unknown"


class Figures(Struct, frozen=True, kw_only=True):
    """All of them small numbers and words: nothing says whose browser it is."""

    reached: Count = 0  # of the answers whose time was taken, how many came
    failures: Count = 0  # and how many did not
    latency_ms: Took | None = None  # the median, there and back
    spread_ms: Took | None = None  # from quick to slow answers, without a tenth at either end
    clock_off_ms: Off | None = None  # how fast the browser's clock is; negative: slow
    cookies: CookieState = CookieState.UNKNOWN
    tls: Encryption = Encryption.UNKNOWN
    static_files: Arrival = Arrival.UNKNOWN  # style sheets and scripts
    sizes: Arrival = Arrival.UNKNOWN  # answers, up to 1 MB
    cut_at: Size | None = None  # how much of a cut one came
    upload: Arrival = Arrival.UNKNOWN
    headers: Arrival = Arrival.UNKNOWN  # those of an answer that protect the browser
    protocol: Protocol = ""

    @property
    def has_scripts(self) -> bool:
        return self.reached + self.failures > 0


def read(said: Mapping[str, str]) -> Figures | None:
    """Return what a script says it measured, or None where that cannot be."""
    try:
        figures = msgspec.convert(dict(said), Figures, strict=False)
    except msgspec.ValidationError:
        return None
    return figures if figures.has_scripts else None
