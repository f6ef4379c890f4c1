"""Times as the NHS writes them: 9:41am, 6 August 2026."""

from datetime import datetime, timedelta

from django.utils import timezone


def clock_time(moment: datetime, *, seconds: bool = False) -> str:
    """Return the time of day here, as in 9:41am or 9:41:05am."""
    local = timezone.localtime(moment)
    exact = f":{local.second:02}" if seconds else ""
    return f"{local.hour % 12 or 12}:{local.minute:02}{exact}{local.strftime('%p').lower()}"


def day(moment: datetime) -> str:
    """Return the date here, as in 6 August 2026."""
    local = timezone.localtime(moment)
    return f"{local.day} {local:%B %Y}"


def in_a_sentence(moment: datetime, *, now: datetime) -> str:
    """Return a moment as a sentence goes on with it: at 9:41am, on 6 August 2026 at 9:41am."""
    said = day_and_time(moment, now=now)
    if said.startswith("yesterday"):
        return said
    return f"on {said}" if " at " in said else f"at {said}"


def day_and_time(moment: datetime, *, now: datetime) -> str:
    """Return a moment as people say it: 9:41am, yesterday at 9:41am, 6 August 2026 at 9:41am."""
    date, today = timezone.localdate(moment), timezone.localdate(now)
    if date == today:
        return clock_time(moment)
    written = "yesterday" if date == today - timedelta(days=1) else day(moment)
    return f"{written} at {clock_time(moment)}"
