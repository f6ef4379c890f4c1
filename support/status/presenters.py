"""The status of each part in words."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.utils import timezone

from accounts.wording import MONTHS, day_and_time, moment
from support.region.content import Region
from support.status.days import SHOWN, DayShown, last_days
from support.status.parts import EMAIL, SENDING, SYSTEM, WEBSITE, PartReading, PartState
from support.status.reading import LastReading

NAMES = {WEBSITE: "The website", SENDING: "Sending referrals", EMAIL: "Email"}
TAGS = {
    PartState.WORKING: ("Working", "green"),
    PartState.SLOW: ("Slow", "yellow"),
    PartState.NOT_WORKING: ("Not working", "red"),
    PartState.NOT_KNOWN: ("Not known", "grey"),
}
PHONE = "If a patient is waiting, phone the pharmacy."
KEEPS_TRYING = "PharmRefer keeps trying by itself: you need not send again."
SENTENCES = {
    WEBSITE: {
        PartState.WORKING: "Pages open as usual.",
        PartState.SLOW: "Pages take longer to open than usual.",
        PartState.NOT_WORKING: f"You may not be able to log in or send referrals. {PHONE}",
        PartState.NOT_KNOWN: "PharmRefer could not check this by itself.",
    },
    SENDING: {
        PartState.WORKING: "Referrals leave PharmRefer as soon as you choose Send.",
        PartState.SLOW: f"Referrals sent now arrive later. {KEEPS_TRYING}",
        PartState.NOT_WORKING: "Referrals sent now wait in PharmRefer. It sends them by itself as "
        f"soon as it can. {PHONE}",
        PartState.NOT_KNOWN: "PharmRefer cannot tell at the moment.",
    },
    EMAIL: {
        PartState.WORKING: "Emails from PharmRefer go out as usual.",
        PartState.SLOW: "Emails from PharmRefer arrive later. It sends them by itself.",
        PartState.NOT_WORKING: "Emails from PharmRefer, such as a link for a new password, do not "
        "go out now. It sends them by itself as soon as it can.",
        PartState.NOT_KNOWN: "No email has gone out lately, so PharmRefer cannot tell.",
    },
    SYSTEM: {
        PartState.WORKING: "It takes referrals as usual.",
        PartState.SLOW: f"Some referrals to it arrive later. {KEEPS_TRYING}",
        PartState.NOT_WORKING: f"It takes no referrals now. {KEEPS_TRYING} {PHONE}",
        PartState.NOT_KNOWN: "No referral has gone to it lately, so PharmRefer cannot tell.",
    },
}
MOST_LISTED = 5  # days
AWAY = "PharmRefer cannot tell without its database."
STALE = "There has been no new reading, so PharmRefer cannot tell."


@dataclass(frozen=True)
class DayInWords:
    """A day of a part: how high it stands in the row, and what is read out of it."""

    height: str
    words: str


@dataclass(frozen=True)
class PartShown:
    name: str
    tag: str
    colour: str
    sentence: str
    since: str
    days: Sequence[DayInWords]
    summary: Sequence[str]  # of the days, in sentences


def parts_shown(last: LastReading, region: Region, now: datetime) -> list[PartShown]:
    found = last.parts_at(now)
    ours = {name: found[name] for name in NAMES if name in found}
    systems = {name: part for name, part in found.items() if name.startswith(SYSTEM)}
    shown = {name: NAMES[name] for name in ours}
    shown |= {name: _system_name(name, part, region) for name, part in systems.items()}
    return [
        _part(last, name, called, found[name], now)
        for name, called in sorted(shown.items(), key=lambda each: _order(each[0], found))
    ]


def _order(name: str, found: dict[str, PartReading]) -> tuple[int, int]:
    return (list(NAMES).index(name), 0) if name in NAMES else (len(NAMES), found[name].number)


def _system_name(name: str, part: PartReading, region: Region) -> str:
    """Return what the operator calls the system; its address is nobody's business."""
    host = name.removeprefix(SYSTEM)
    named = {each.host.casefold(): each.name for each in region.pharmacy_systems}
    return named.get(host) or named.get(host.partition(":")[0]) or f"Pharmacy system {part.number}"


def systems(state: PartState, last: LastReading, region: Region, now: datetime) -> list[str]:
    """Return what the pharmacy systems are called of which a reading says this."""
    return [
        _system_name(name, part, region)
        for name, part in last.parts_at(now).items()
        if name.startswith(SYSTEM) and part.state is state
    ]


def _part(last: LastReading, name: str, called: str, part: PartReading, now: datetime) -> PartShown:
    tag, colour = TAGS[part.state]
    zone = timezone.get_default_timezone()
    days = list(last_days(last.days, name, now=now, zone=zone))
    return PartShown(
        called,
        tag,
        colour,
        _sentence(last, name, part, now),
        f"Since {day_and_time(part.since, now=now)}",
        [_day(day) for day in days],
        _summary(days),
    )


def _sentence(last: LastReading, name: str, part: PartReading, now: datetime) -> str:
    before = last.parts.get(name)
    if part.state is PartState.NOT_KNOWN and before and last.parts_at(now) is not last.parts:
        why = STALE if last.database_answers else AWAY
        return f"{why} At the last reading: {TAGS[before.state][0].lower()}."
    return SENTENCES[SYSTEM if name.startswith(SYSTEM) else name][part.state]


def minutes(count: int) -> str:
    return f"{count} minute{'s' * (count != 1)}"


def _short(on: date) -> str:
    return f"{on.day} {MONTHS[on.month - 1]}"


def _day(day: DayShown) -> DayInWords:
    if not day.read:
        return DayInWords("none", f"{_short(day.on)}: no readings")
    if not day.is_known:
        return DayInWords("none", f"{_short(day.on)}: not known")
    said = [f"trouble for {minutes(day.trouble)}" if day.trouble else "no trouble"]
    if day.not_known:
        said.append(f"not known for {minutes(day.not_known)}")
    if day.has_gap:
        said.append(f"no reading for {minutes(day.not_read)}")
    return DayInWords(_height(day.trouble), f"{_short(day.on)}: {', '.join(said)}")


def _height(trouble: int) -> str:
    return next(
        height
        for height, most in (("0", 0), ("1", 5), ("2", 30), ("3", 120), ("4", trouble))
        if trouble <= most
    )


def _summary(days: Sequence[DayShown]) -> list[str]:
    """Say what the row of days shows, for those who see it badly or on paper."""
    bad = [day for day in reversed(days) if day.trouble]
    missing = sum(not day.read for day in days)
    unknown = sum(day.read > 0 and not day.is_known for day in days)
    said = []
    if bad:
        listed = ", ".join(
            f"{_short(day.on)} ({minutes(day.trouble)})" for day in bad[:MOST_LISTED]
        )
        more = f" and {len(bad) - MOST_LISTED} more days" if len(bad) > MOST_LISTED else ""
        said.append(f"Trouble on {listed}{more}.")
    elif missing + unknown < len(days):
        said.append("No trouble.")
    if unknown:
        said.append(f"Not known on {_days(unknown)}.")
    if missing:
        said.append(f"No readings on {_days(missing)}.")
    return said


def _days(count: int) -> str:
    return f"{count} day{'s' * (count != 1)}"


def headline(last: LastReading, now: datetime) -> str:
    """Return in one sentence whether all is well."""
    states = {part.state for part in last.parts_at(now).values()}
    if not last.database_answers:
        return "PharmRefer cannot reach its database"
    if PartState.NOT_WORKING in states:
        return "Something is not working"
    if PartState.SLOW in states:
        return "Something is slow"
    if not states or states == {PartState.NOT_KNOWN}:
        return "PharmRefer cannot tell what works at the moment"
    return "Our checks have found no problem"


def first_day(now: datetime) -> str:
    return _short(timezone.localdate(now) - timedelta(days=SHOWN - 1))


def read_at(last: LastReading) -> str:
    return f"Last reading: {moment(last.at)}." if last.at else "There is no reading yet."
