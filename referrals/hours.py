"""When a pharmacy is open: its hours read, evaluated, and said as people say them. Pure.

Hours are written as OpenStreetMap's ``opening_hours`` (docs/routes.md). England's bank holidays are
not those that the evaluator knows of Great Britain, so they are put into the text as dates.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from holidays import country_holidays
from opening_hours import OpeningHours, ParserError, State  # type: ignore[attr-defined]

LONDON = ZoneInfo("Europe/London")
SOON = timedelta(minutes=30)  # BaRS: warn if it closes in less
WITHIN = timedelta(hours=24)  # BaRS: do not offer what opens later
LONGEST = 300  # characters
HOW_TO = "Write hours as in Mo-Fr 09:00-18:00; Sa 09:00-13:00; PH off"
NOT_KNOWN = "Hours not known: phone first"
_AHEAD = timedelta(days=28)  # how far it is looked for the next opening
_DAY = timedelta(days=1)
_LATE = timedelta(hours=6)  # what ends before this in the morning belongs to the day before

_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July", "August", "September"),
    *("October", "November", "December"),
)
_A_TIME = re.compile(r"[0-9]:[0-9]|24/7|\b(off|closed)\b", re.IGNORECASE)
# Between rules, as the evaluator writes them, outside quotation marks.
_BETWEEN = re.compile(r'(; |, | \|\| )(?=(?:[^"]*"[^"]*")*[^"]*\Z)')
_FALLBACK, _ALWAYS = " || ", "24/7"
_SCHOOL_OR_SUN = re.compile(r"\b(SH|sunrise|sunset|dawn|dusk)\b")
_WEEKDAY = re.compile(r"(Mo|Tu|We|Th|Fr|Sa|Su)\b|[0-9]{2}:")
_MONTH = "|".join(month[:3] for month in _MONTHS)
_CLOSED_DATE = re.compile(rf'([0-9]{{4}}|{_MONTH}|easter|week)[^"]* closed\b')


class NotHoursError(ValueError):
    """The text is not in the syntax; the message is a sentence for who wrote it."""


class Days(NamedTuple):
    """One day, or several: both ends are part of it."""

    first: date
    last: date


@dataclass(frozen=True)
class Opening:
    """Whether it is open at a moment, and what comes next."""

    at: datetime
    is_known: bool
    is_open: bool = False
    closes_at: datetime | None = None  # None: not in the next weeks
    opens_at: datetime | None = None  # the next time, also of one that is open now
    unknown_at: datetime | None = None  # before it opens: the next time of which nothing is known

    @property
    def unknown_from(self) -> datetime | None:
        # Of one that is closed until then.
        return None if self.is_open else self.unknown_at

    @property
    def closing_soon(self) -> bool:
        return self.closes_at is not None and self.closes_at - self.at <= SOON

    @property
    def closed_for_24_hours(self) -> bool:
        return self.is_known and not self.is_open and not self._may_open_before(self.at + WITHIN)

    @property
    def words(self) -> str:
        if not self.is_known:
            return NOT_KNOWN
        if self.is_open:
            return (
                f"Open now, closes {_when(self.closes_at, self.at)}"
                if self.closes_at
                else ("Open now, 24 hours a day")
            )
        if self.unknown_from:
            then = _day(self.unknown_from, self.at) or "later today"
            return f"Closed now, hours {then} not known: phone first"
        if self.opens_at:
            return f"Closed now, opens {_when(self.opens_at, self.at)}"
        return "Closed"

    @property
    def until_when(self) -> str:
        # Of one that is closed.
        return f"Closed until {_when(self.opens_at, self.at)}" if self.opens_at else "Closed"

    def when_to_contact(self, by: datetime) -> str:
        # It follows "phone or visit them", and names no time of an open one after ``by``.
        if not self.is_known or self.unknown_from:
            return "by phone first: we do not know when it is open"
        if not self.is_open:
            return self._next or "by phone first: we do not know when it opens again"
        if self.closes_at is None or self.closes_at >= by:
            return "now, or at any time"
        closes = _when(self.closes_at, self.at)
        if not self._may_open_before(by):
            never = "they do not open again before the 24 hours are over"
            return f"now, before they close at {closes}: {never}"
        if self.unknown_at:
            return f"now, before they close at {closes}: we do not know when they open again"
        return f"now, until {closes}{f', or {self._next}' if self.closing_soon else ''}"

    def last_before(self, by: datetime) -> datetime:
        # When it closes, where it does not open again before.
        if self.is_open and self.closes_at and not self._may_open_before(by):
            return min(self.closes_at, by)
        return by

    def _may_open_before(self, by: datetime) -> bool:
        # Of one that is open: once more.
        later = self.unknown_at or self.opens_at
        return later is not None and later < by

    @property
    def _next(self) -> str:
        if self.opens_at is None:
            return ""
        at, opens = _local(self.at), _local(self.opens_at)
        if opens.time() == time():
            return f"{_day(opens - _DAY, at) or 'tonight'} from midnight"
        day = _day(opens, at)
        if opens.date() - at.date() == _DAY:
            day = f"tomorrow ({_DAYS[opens.weekday()]})"
        return f"{day or 'today'} from {_clock(opens)}"


def check(text: str) -> None:
    """Raises NotHoursError where it cannot be evaluated."""
    if len(text) > LONGEST:
        raise NotHoursError(f"Hours must be {LONGEST} characters or fewer")
    if not _A_TIME.search(text):
        raise NotHoursError(f"There is no time in “{text}”. {HOW_TO}")
    try:
        rules = str(OpeningHours(text))
    except ParserError:
        raise NotHoursError(f"“{text}” cannot be read. {HOW_TO}") from None
    if _SCHOOL_OR_SUN.search(rules):
        raise NotHoursError("Hours cannot depend on school holidays or on the sun")
    _check_dates(rules)


def _check_dates(rules: str) -> None:
    rule_by_rule = _BETWEEN.split(rules)
    if _FALLBACK in rule_by_rule:
        raise NotHoursError("Hours cannot have others to fall back on (||)")
    has_dates = False
    for rule in rule_by_rule[::2]:
        days, rest = _bank_holidays_in(rule)
        if days is None and re.search(r"\bPH\b", rule.partition('"')[0]):
            raise NotHoursError("PH must stand first in its rule, as in PH off")
        if days is not None and re.match(r"-?[0-9]+ day", rest):
            raise NotHoursError("Hours cannot depend on the days beside a bank holiday")
        if days is None and has_dates and _WEEKDAY.match(rule):
            raise NotHoursError(
                "Write bank holidays (PH) and dates that are closed after the days of the week"
            )
        has_dates = has_dates or days is not None or bool(_CLOSED_DATE.match(rule))


def read_closures(text: str) -> tuple[Days, ...]:
    """Return days as in ``2026-12-24 to 2026-12-28, 2027-01-02``; also as 24/12/2026.

    Raises:
        NotHoursError: they are not written so.
    """
    return tuple(_closure(part.strip()) for part in re.split("[,;]", text) if part.strip())


def _closure(part: str) -> Days:
    first, _, last = part.partition(" to ")
    days = Days(read_day(first), read_day(last or first))
    if days.last < days.first:
        raise NotHoursError(f"“{part}” ends before it begins")
    return days


def read_day(text: str) -> date:
    """Return a day as in 2026-12-24 or 24/12/2026; raises NotHoursError."""
    # fromisoformat takes 2026-W53-1 and 20261224 too.
    is_iso = re.fullmatch("[0-9]{4}-[0-9]{2}-[0-9]{2}", text.strip(), re.ASCII)
    form = "%Y-%m-%d" if is_iso else "%d/%m/%Y"
    try:
        return datetime.strptime(text.strip(), form).date()  # noqa: DTZ007  a day has no zone
    except ValueError:
        raise NotHoursError(
            f"“{text.strip()}” is no day. Write days as in 2026-12-24 to 2026-12-28, 2027-01-02"
        ) from None


@lru_cache(maxsize=1024)  # a page asks several times at one moment, and many have the same hours
def opening(text: str, *, closures: str = "", at: datetime) -> Opening:
    """Say whether a pharmacy with these hours is open; what cannot be read is not known."""
    at = at.astimezone(UTC)
    spans = _spans(text, closures, at, at + _AHEAD)
    first = next(spans)
    if first.state == State.UNKNOWN:
        return Opening(at, is_known=False)
    unknown_at = opens_at = None
    for each in spans:
        if each.state == State.OPEN:
            opens_at = each.start
            break
        if each.state == State.UNKNOWN and unknown_at is None:
            unknown_at = each.start
    is_open = first.state == State.OPEN
    closes_at = first.end if is_open and first.end < at + _AHEAD else None
    return Opening(
        at,
        is_known=True,
        is_open=is_open,
        closes_at=closes_at,
        opens_at=opens_at,
        unknown_at=unknown_at,
    )


def is_open_on(day: date, text: str, *, closures: str = "") -> bool:
    start = datetime.combine(day, time(), LONDON)
    end = datetime.combine(day + _DAY, time(), LONDON)
    return any(each.state == State.OPEN for each in _spans(text, closures, start, end))


def week_in_words(text: str, *, today: date) -> str:
    """Return what is usual, as in Monday to Friday 9am to 6pm, Saturday 9am to 1pm.

    Hours that are not in the syntax stay as they are written.
    """
    if not _is_readable(text):
        return text
    monday = _usual_monday(today)
    days = [_hours_of(text, monday + index * _DAY) for index in range(7)]
    if all(said == days[0] for said in days):
        return f"Every day {days[0]}" if days[0] else "Closed"
    by_hours: dict[str, list[int]] = {}
    for index, said in enumerate(days):
        by_hours.setdefault(said, []).append(index)
    return ", ".join(f"{_named(on)} {said}" for said, on in by_hours.items() if said)


def _usual_monday(today: date) -> date:
    monday = today - today.weekday() * _DAY
    while any(monday + index * _DAY in _holidays(monday.year) for index in range(7)):
        monday += 7 * _DAY
    return monday


def _hours_of(text: str, day: date) -> str:
    """Return when it is open on a day: what begins then, also if it ends late at night."""
    start, end = (datetime.combine(on, time(), LONDON) for on in (day, day + _DAY))
    spans = [each for each in _spans(text, "", start, end + _LATE) if each.state == State.OPEN]
    said = []
    for each in spans:
        began_before = each.start == start and each.end - start < _LATE
        if each.start >= end or (began_before and _is_open_before(text, start)):
            continue
        until = each.end if each.end < end + _LATE else end
        all_day = each.start == start and until == end
        said.append("24 hours" if all_day else f"{_clock(each.start)} to {_clock(until)}")
    return " and ".join(said)


def _is_open_before(text: str, start: datetime) -> bool:
    before = next(_spans(text, "", start - timedelta(minutes=1), start))
    return before.state == State.OPEN


def _named(days: list[int]) -> str:
    if len(days) > 2 and days[-1] - days[0] == len(days) - 1:
        return f"{_DAYS[days[0]]} to {_DAYS[days[-1]]}"
    *first, last = (_DAYS[day] for day in days)
    return f"{', '.join(first)} and {last}" if first else last


class _Span(NamedTuple):
    start: datetime
    end: datetime
    state: State


def _spans(text: str, closures: str, start: datetime, end: datetime) -> Iterator[_Span]:
    """Yield what follows on each other, each of another state than the one before, in UTC.

    Two moments of one zone are subtracted as if no clock were ever changed, hence UTC. Of hours
    with a remark, as in "by appointment", only the pharmacy knows.
    """
    current: _Span | None = None
    hours = _compiled(text, closures, _local(start).year)
    for begins, ends, state, remark in hours.intervals(_local(start), _local(end)):
        kind = State.UNKNOWN if state == State.OPEN and remark else state
        if current and current.state == kind:
            current = current._replace(end=ends.astimezone(UTC))
            continue
        if current:
            yield current
        current = _Span(begins.astimezone(UTC), ends.astimezone(UTC), kind)
    if current:
        yield current


@lru_cache(maxsize=2048)
def _is_readable(text: str) -> bool:
    try:
        check(text)
    except NotHoursError:
        return False
    return True


@lru_cache(maxsize=2048)
def _compiled(text: str, closures: str, year: int) -> OpeningHours:
    rules = _with_bank_holidays(text, year) if _is_readable(text) else "unknown"
    closed = "".join(f"; {_written(each)} off" for each in read_closures(closures))
    return _evaluated(rules + closed)


def _evaluated(text: str) -> OpeningHours:
    return OpeningHours(text, timezone=LONDON, auto_country=False, auto_timezone=False)


def _with_bank_holidays(text: str, year: int) -> str:
    """Put dates in the place of ``PH``. Where none stands, nobody has said what is then."""
    ahead = sorted({*_holidays(year), *_holidays(year + 1)})
    as_written = _evaluated(text)
    rule_by_rule = _BETWEEN.split(str(as_written))
    if not any(_says_bank_holidays(rule) for rule in rule_by_rule[::2]):
        others = [day for day in ahead if not _is_closed_on(day, as_written)]
        return f"{as_written}; {_dates(others)} unknown" if others else text
    written, between = [], "; "
    for part in rule_by_rule:
        if _BETWEEN.fullmatch(part):
            between = part
            written.append(part)
            continue
        days, rest = _bank_holidays_in(part)
        if days:
            written += [f"{days} {rest}", between]
        written.append(part if days is None else f"{_dates(ahead)} {rest}")
    return "".join(written)


def _says_bank_holidays(rule: str) -> bool:
    return rule == _ALWAYS or _bank_holidays_in(rule)[0] is not None


def _is_closed_on(day: date, as_written: OpeningHours) -> bool:
    # Either on that date, or always on such a day of the week.
    start = datetime.combine(day, time(), LONDON)
    return all(each[2] == State.CLOSED for each in as_written.intervals(start, start + _DAY))


def _bank_holidays_in(rule: str) -> tuple[str | None, str]:
    # Of Su,PH 10:00-16:00 its other days, None if it has no PH, and the rest.
    days, _, rest = rule.partition(" ")
    listed = days.split(",")
    if "PH" not in listed:
        return None, rule
    return ",".join(day for day in listed if day != "PH"), rest


@lru_cache(maxsize=8)
def _holidays(year: int) -> frozenset[date]:
    return frozenset(country_holidays("GB", subdiv="ENG", years=year))


def _dates(days: Iterable[date]) -> str:
    return ",".join(_written(Days(day, day)) for day in days)


def _written(days: Days) -> str:
    first, last = (f"{each.year} {_MONTHS[each.month - 1][:3]} {each.day}" for each in days)
    return first if first == last else f"{first}-{last}"


def _local(moment: datetime) -> datetime:
    return moment.astimezone(LONDON)


def _clock(moment: datetime) -> str:
    # As the NHS writes it: 9am, 5:30pm, midday, midnight.
    local = _local(moment)
    if local.minute == 0 and local.hour in {0, 12}:
        return "midday" if local.hour else "midnight"
    minutes = f":{local.minute:02}" if local.minute else ""
    return f"{local.hour % 12 or 12}{minutes}{'pm' if local.hour >= 12 else 'am'}"


def _when(moment: datetime, at: datetime) -> str:
    # 6pm, 9am tomorrow, 9am on Thursday. Midnight is that of the day which ends with it.
    local = _local(moment)
    day = _day(local - _DAY if local.time() == time() else local, at)
    return f"{_clock(local)} {day}".strip()


def _day(moment: datetime, at: datetime) -> str:
    # As seen from another moment; nothing for the same day.
    on, today = _local(moment).date(), _local(at).date()
    if on - today < 2 * _DAY:
        return "tomorrow" if on > today else ""
    name = f"on {_DAYS[on.weekday()]}"
    return name if on - today < 7 * _DAY else f"{name} {on.day} {_MONTHS[on.month - 1]}"
