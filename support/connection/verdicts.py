"""What the figures mean, a sentence for each cause, and who can do something about it. Pure."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from support.connection.figures import Arrival, CookieState, Encryption, Figures

# J. Nielsen, Usability Engineering (1993): up to a second, people feel no interruption. A page of
# ours takes two or three answers, one after another.
SLOW_MS = 500
UNSTEADY_MS = 1_000
# Codes change every 30 seconds; one before and one after are accepted (accounts/factors/totp.py).
CLOCK_MATTERS_MS = 30_000
CLOCK_REFUSES_MS = 60_000


class Helper(StrEnum):
    """Who can help with it."""

    NOBODY = ""
    LOCAL_IT = "local_it"
    SERVICE_DESK = "service_desk"


@dataclass(frozen=True)
class Finding:
    sentence: str
    helper: Helper = Helper.LOCAL_IT


def seconds(ms: int) -> str:
    return f"{ms / 1000:.1f} seconds"


def kilobytes(count: int) -> str:
    return f"{count // 1000:,} kB"


BETWEEN = "Something between your computer and PharmRefer"
# How wrong a clock is, in words: up to how many seconds, in which unit, and how long that is.
UNITS = (
    (90, "second", 1),
    (2 * 3_600, "minute", 60),
    (48 * 3_600, "hour", 3_600),
    (math.inf, "day", 86_400),
)


def time_off(ms: int) -> str:
    """Return how wrong a clock is, as in 4 minutes fast."""
    off, way = abs(ms) / 1000, "fast" if ms > 0 else "slow"
    unit, length = next((unit, length) for up_to, unit, length in UNITS if off < up_to)
    count = round(off / length)
    return f"{count:,} {unit}{'' if count == 1 else 's'} {way}"


def _failures(figures: Figures) -> Finding | None:
    tries = figures.reached + figures.failures
    if not figures.failures:
        return None
    if not figures.reached:
        return Finding(f"{BETWEEN} blocks this test: none of {tries} tries had an answer.")
    return Finding(
        "Your computer reaches PharmRefer, but not every time: "
        f"{figures.failures} of {tries} tries had no answer."
    )


def _speed(figures: Figures) -> Finding | None:
    if (figures.latency_ms or 0) >= SLOW_MS:
        took = seconds(figures.latency_ms or 0)
        return Finding(f"Your computer reaches PharmRefer, but slowly: {took} an answer.")
    if (figures.spread_ms or 0) >= UNSTEADY_MS:
        return Finding(
            "Your computer reaches PharmRefer, but not steadily: some answers take "
            f"{seconds(figures.spread_ms or 0)} longer than others."
        )
    return None


def _sizes(figures: Figures) -> Finding | None:
    match figures.sizes:
        case Arrival.CUT:
            at = f" (at {kilobytes(figures.cut_at)})" if figures.cut_at is not None else ""
            return Finding(f"{BETWEEN} cuts long answers{at}. Pages can be incomplete.")
        case Arrival.CHANGED:
            return Finding(f"{BETWEEN} changes answers on their way.")
        case Arrival.BLOCKED:
            return Finding(f"{BETWEEN} blocks long answers. Some pages may not open.")
        case Arrival.WHOLE | Arrival.UNKNOWN:
            return None


def _static_files(figures: Figures) -> Finding | None:
    match figures.static_files:
        case Arrival.BLOCKED:
            what = "blocks style sheets or scripts"
        case Arrival.CUT | Arrival.CHANGED:
            what = "changes style sheets or scripts"
        case Arrival.WHOLE | Arrival.UNKNOWN:
            return None
    return Finding(f"{BETWEEN} {what}. Pages can look wrong, and buttons may not work.")


def _upload(figures: Figures) -> Finding | None:
    if figures.upload in {Arrival.WHOLE, Arrival.UNKNOWN}:
        return None
    return Finding(f"{BETWEEN} cuts, changes or blocks what your computer sends.")


def _headers(figures: Figures) -> Finding | None:
    if figures.headers in {Arrival.WHOLE, Arrival.UNKNOWN}:
        return None
    return Finding(f"{BETWEEN} takes away headers that protect PharmRefer's pages.")


def _cookies(figures: Figures) -> Finding | None:
    if figures.cookies is not CookieState.REFUSED:
        return None
    return Finding(
        "Your browser does not keep PharmRefer's cookies. You cannot log in without them."
    )


def _clock(figures: Figures) -> Finding | None:
    off = figures.clock_off_ms or 0
    if abs(off) <= CLOCK_MATTERS_MS:
        return None
    fate = "are" if abs(off) > CLOCK_REFUSES_MS else "may be"
    return Finding(
        f"The clock of this computer is {time_off(off)}: codes from 2FAST on it {fate} refused."
    )


def _tls(figures: Figures) -> Finding | None:
    if figures.tls is not Encryption.DIFFERS:
        return None
    return Finding(
        "Your browser and PharmRefer do not agree whether the connection is encrypted.",
        Helper.SERVICE_DESK,
    )


RULES: tuple[Callable[[Figures], Finding | None], ...] = (  # what hurts most comes first
    _failures,
    _static_files,
    _sizes,
    _upload,
    _cookies,
    _speed,
    _clock,
    _headers,
    _tls,
)
ALL_IS_WELL = "Your computer reaches PharmRefer, quickly and steadily."
NOT_TESTED = "Your computer reaches PharmRefer: it has brought you this page."


def judge(figures: Figures, *, of_pharmacies: str = "") -> tuple[Finding, ...]:
    """Return what is found, what hurts most first, and at least one thing.

    Args:
        of_pharmacies: what ``pharmacies_say``; it is said only where the connection is good.
    """
    found = tuple(finding for rule in RULES if (finding := rule(figures)))
    if found:
        return found
    if not figures.has_scripts:
        return (Finding(NOT_TESTED, Helper.NOBODY),)
    return (Finding(of_pharmacies or ALL_IS_WELL, Helper.NOBODY),)


def pharmacies_say(*, slow: Sequence[str], not_working: Sequence[str]) -> str:
    """Return what is to be said of pharmacies' systems, by the names people know, or ""."""
    troubles = [f"{name} does not work" for name in not_working]
    troubles += [f"{name} is slow" for name in slow]
    if not troubles:
        return ""
    listed = " and ".join(filter(None, (", ".join(troubles[:-1]), troubles[-1])))
    listed = listed[0].upper() + listed[1:]
    return f"Your computer reaches PharmRefer. {listed}: it is not your connection."
