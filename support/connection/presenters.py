"""The result of a connection test made ready to be shown, printed and copied."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings

from accounts.origin import Origin
from accounts.wording import clock_time, day
from support.connection.figures import Arrival, CookieState, Encryption, Figures
from support.connection.verdicts import Finding, Helper, judge, kilobytes, time_off
from support.region.content import Region

Measure = tuple[str, str]  # a name and a value
NOT_TESTED = "Not tested"
_ARRIVALS = {
    Arrival.WHOLE: "Not changed",
    Arrival.CUT: "Cut on the way",
    Arrival.CHANGED: "Changed on the way",
    Arrival.BLOCKED: "Blocked",
    Arrival.UNKNOWN: NOT_TESTED,
}
_COOKIES = {
    CookieState.KEPT: "Kept",
    CookieState.REFUSED: "Not kept",
    CookieState.UNKNOWN: NOT_TESTED,
}
_ENCRYPTION = {
    Encryption.HTTPS: "Yes (https)",
    Encryption.HTTP: "No (http)",
    Encryption.DIFFERS: "The browser and PharmRefer do not agree",
    Encryption.UNKNOWN: NOT_TESTED,
}


@dataclass(frozen=True)
class ConnectionResult:
    said: tuple[str, ...]  # what is found, and whom to ask
    rows: tuple[Measure, ...]
    figures: Figures

    @property
    def text(self) -> str:
        """The same, for an email or a ticket."""
        lines = [f"{name}: {value}" for name, value in self.rows]
        return "\n".join(["PharmRefer connection test", *self.said, "", *lines])


def result(
    figures: Figures, origin: Origin, *, region: Region, at: datetime, of_pharmacies: str = ""
) -> ConnectionResult:
    findings = judge(figures, of_pharmacies=of_pharmacies)
    return ConnectionResult(
        said=(*(finding.sentence for finding in findings), *_whom_to_ask(findings, region)),
        rows=_together((*_of_request(origin, at), *_of_times(figures), *_of_contents(figures))),
        figures=figures,
    )


def _whom_to_ask(findings: Iterable[Finding], region: Region) -> tuple[str, ...]:
    names = {
        Helper.LOCAL_IT: region.local_it.name or "your local IT service desk",
        Helper.SERVICE_DESK: region.service_desk.name or "the service desk",
    }
    wanted = {finding.helper for finding in findings}
    asked = " and ".join(name for helper, name in names.items() if helper in wanted)
    return (f"Ask {asked}.",) if asked else ()


def _together(rows: tuple[Measure, ...]) -> tuple[Measure, ...]:
    # What was not tested stands in one row, at the end.
    others = [name for name, value in rows if value == NOT_TESTED]
    tested = tuple(row for row in rows if row[1] != NOT_TESTED)
    return (*tested, (NOT_TESTED, "; ".join(others))) if others else tested


def _of_request(origin: Origin, at: datetime) -> tuple[Measure, ...]:
    return (
        ("Tested", f"{clock_time(at, seconds=True)} on {day(at)}"),
        ("Website", settings.PUBLIC_URL.geturl()),
        ("Browser", origin.browser or "It does not say"),
        ("Network address", origin.address or "Not known"),
    )


def _took(ms: int | None) -> str:
    return NOT_TESTED if ms is None else f"{ms:,} ms"


def _of_times(figures: Figures) -> tuple[Measure, ...]:
    off = figures.clock_off_ms
    tries = figures.reached + figures.failures
    return (
        ("Tries that had an answer", f"{figures.reached} of {tries}" if tries else NOT_TESTED),
        ("Time for an answer (median)", _took(figures.latency_ms)),
        ("Slow answers take longer by", _took(figures.spread_ms)),
        ("Clock of this computer", NOT_TESTED if off is None else _clock(off)),
    )


def _clock(off: int) -> str:
    return time_off(off) if abs(off) >= 1_000 else "Right"


def _of_contents(figures: Figures) -> tuple[Measure, ...]:
    sizes = _ARRIVALS[figures.sizes]
    if figures.sizes is Arrival.CUT and figures.cut_at is not None:
        sizes = f"Cut at {kilobytes(figures.cut_at)}"
    return (
        ("JavaScript", "Runs" if figures.has_scripts else NOT_TESTED),
        ("Cookies", _COOKIES[figures.cookies]),
        ("Encrypted", _ENCRYPTION[figures.tls]),
        ("Protocol", figures.protocol or NOT_TESTED),
        ("Style sheets and scripts", _ARRIVALS[figures.static_files]),
        ("Answers of up to 1 MB", sizes),
        ("Sending 100 kB", _ARRIVALS[figures.upload]),
        ("Headers that protect pages", _ARRIVALS[figures.headers]),
    )
