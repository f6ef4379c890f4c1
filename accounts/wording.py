"""Times as the NHS writes them: 9:41am, 6 August 2026."""

from datetime import date, datetime, timedelta

from django.utils import timezone

MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July", "August", "September"),
    *("October", "November", "December"),
)


def _here(moment: datetime) -> datetime:
    return moment.astimezone(timezone.get_default_timezone())


def clock_time(moment: datetime, *, seconds: bool = False) -> str:
    """Return the time of day here, as in 9:41am or 9:41:05am.

    The hour that comes twice when the clocks go back says which of the two it is: 1:30am BST.
    """
    local = _here(moment)
    exact = f":{local.second:02}" if seconds else ""
    half = "pm" if local.hour >= 12 else "am"
    return f"{local.hour % 12 or 12}:{local.minute:02}{exact}{half}{_which_of_two(local)}"


def _which_of_two(local: datetime) -> str:
    comes_twice = local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset()
    return f" {local.tzname()}" if comes_twice else ""


def time_left(seconds: int) -> str:
    """Return how much time is left, as in 1 minute 45 seconds."""
    parts = ((seconds // 60, "minute"), (seconds % 60, "second"))
    return " ".join(f"{count} {unit}{'s' * (count != 1)}" for count, unit in parts if count)


def written_date(on: date) -> str:
    return f"{on.day} {MONTHS[on.month - 1]} {on.year}"


def day(moment: datetime) -> str:
    return written_date(_here(moment))


def moment(at: datetime) -> str:
    """Return a moment whose reader may be there any time later: 9:41am on 6 August 2026."""
    return f"{clock_time(at)} on {day(at)}"


def in_a_sentence(moment: datetime, *, now: datetime) -> str:
    """Return a moment as a sentence goes on with it: at 9:41am, on 6 August 2026 at 9:41am."""
    said = day_and_time(moment, now=now)
    if said.startswith("yesterday"):
        return said
    return f"on {said}" if " at " in said else f"at {said}"


def day_and_time(moment: datetime, *, now: datetime) -> str:
    """Return a moment as people say it: 9:41am, yesterday at 9:41am, 6 August 2026 at 9:41am."""
    on, today = _here(moment).date(), _here(now).date()
    if on == today:
        return clock_time(moment)
    written = "yesterday" if on == today - timedelta(days=1) else written_date(on)
    return f"{written} at {clock_time(moment)}"
