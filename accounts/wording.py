"""Times as the NHS writes them: 9:41am, 6 August 2026."""

from datetime import datetime

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
