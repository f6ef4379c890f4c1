"""The figures that help pages name: settings and limits, in words."""

from datetime import timedelta

from django.conf import settings

from accounts.models.sessions import PendingLogIn
from accounts.models.throttle import PER_PERSON
from accounts.sign_in import lockout
from accounts.wording import time_left


def _length(of: timedelta) -> str:
    # As people say it: 7 days, 12 hours, 1 hour 30 minutes.
    minutes = int(of.total_seconds()) // 60
    parts = ((minutes // 60 // 24, "day"), (minutes // 60 % 24, "hour"), (minutes % 60, "minute"))
    return " ".join(f"{count} {unit}{'s' * (count != 1)}" for count, unit in parts if count)


def figures() -> dict[str, str | int]:
    return {
        "lock": _length(settings.SESSION_LOCK),
        "idle": _length(settings.SESSION_IDLE),
        "longest": _length(settings.SESSION_LONGEST),
        "drafts": _length(settings.DRAFTS_KEPT),
        "pending": _length(PendingLogIn.LIFETIME),
        "setting_up": _length(PendingLogIn.SET_UP_LIFETIME),
        "free_tries": PER_PERSON.free,
        "first_wait": time_left(int(PER_PERSON.first_wait.total_seconds())),
        "longest_wait": time_left(int(PER_PERSON.longest_wait.total_seconds())),
        "most_wrong": lockout.MOST_WRONG,
    }
