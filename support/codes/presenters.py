"""What a support code stands for, in plain words, with what it means and what to do."""

from typing import NamedTuple

import msgspec
from msgspec import structs

from accounts.web import browsers
from accounts.wording import clock_time
from support.codes import pages
from support.codes.refusals import Remedy
from support.connection.figures import CookieState, Figures
from support.connection.verdicts import CLOCK_MATTERS_MS, Helper, judge, time_off
from support.connection.verdicts import Finding as Verdict
from support.models.support_codes import SupportCode, WhoAsks

_LOCAL_IT = "Their local IT service desk can help"
_HELP = {
    Helper.NOBODY: "",
    Helper.LOCAL_IT: _LOCAL_IT,
    Helper.SERVICE_DESK: "Tell the people who run PharmRefer",
}
_CLOCK, _NOT_MEASURED = "Clock of the computer", "Not measured"


class Recorded(NamedTuple):
    """Something that was recorded; ``advice`` is empty where nothing is wrong with it."""

    name: str
    said: str
    advice: str = ""


def recorded(code: SupportCode) -> list[Recorded]:
    return [
        _page(code),
        Recorded("Its message, or its help", pages.what_was_said(code.said) or "Not known"),
        Recorded("Logged in?", WhoAsks(code.who_asks).label),
        Recorded("Got the code at", clock_time(code.made_at)),
        Recorded("Browser", browsers.name_of(code.browser)),
        Recorded("Browser, in full", code.browser or "Nothing"),
        Recorded("Network address", code.address or "Unknown"),
        _cookies(code),
        _scripts(code),
        *_measured(_figures(code)),
    ]


def what_to_do(found: list[Recorded]) -> list[Remedy]:
    wrong = [each for each in found if each.advice]
    return [
        Remedy(f"{each.name}: {each.said[0].lower()}{each.said[1:]}", each.advice) for each in wrong
    ]


def _page(code: SupportCode) -> Recorded:
    return Recorded("Page", pages.address_of(code.page) or "Not known")


def _cookies(code: SupportCode) -> Recorded:
    if code.has_cookies:
        return Recorded("Cookies", "Come back")
    return Recorded(
        "Cookies",
        "Do not come back",
        "Nobody can log in without cookies. They allow cookies for PharmRefer in the settings of "
        f"their browser. {_LOCAL_IT}",
    )


def _scripts(code: SupportCode) -> Recorded:
    if code.has_scripts:
        return Recorded("JavaScript", "Runs")
    return Recorded(
        "JavaScript",
        "Does not run",
        "PharmRefer works without it, but does not save drafts by itself, and cannot use passkeys. "
        f"{_LOCAL_IT}",
    )


def _figures(code: SupportCode) -> Figures | None:
    try:
        return msgspec.json.decode(code.figures, type=Figures) if code.figures else None
    except msgspec.ValidationError:  # stored by another version, within the hour
        return None


def _measured(figures: Figures | None) -> list[Recorded]:
    if figures is None:
        return [Recorded(_CLOCK, _NOT_MEASURED), Recorded("Connection", _NOT_MEASURED)]
    # Of clock and cookies more is said here than in the verdict.
    others = structs.replace(figures, clock_off_ms=None, cookies=CookieState.UNKNOWN)
    return [_clock(figures.clock_off_ms), _time(figures), *map(_verdict, judge(others))]


def _clock(off: int | None) -> Recorded:
    if off is None:
        return Recorded(_CLOCK, _NOT_MEASURED)
    if abs(off) <= CLOCK_MATTERS_MS:
        return Recorded(_CLOCK, "Right")
    return Recorded(
        _CLOCK,
        time_off(off),
        "Codes from an app on this computer are refused while its clock is wrong. They open the "
        "Windows settings, Time and language, and choose “Sync now”. An app on a phone has "
        f"another clock. {_LOCAL_IT}",
    )


def _time(figures: Figures) -> Recorded:
    if figures.latency_ms is None:
        return Recorded("Time for an answer", _NOT_MEASURED)
    more = f", slow ones {figures.spread_ms:,} ms more" if figures.spread_ms is not None else ""
    return Recorded("Time for an answer", f"{figures.latency_ms:,} ms{more}")


def _verdict(found: Verdict) -> Recorded:
    sentence = found.sentence.removesuffix(".")
    return Recorded("The connection test says", sentence, _HELP[found.helper])
