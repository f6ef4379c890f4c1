"""Times of day as people type them: 9am, 9.30 pm, 18:00, midnight. Pure."""

import re
from datetime import time

from accounts.text.characters import plain

_TIME = re.compile(r"(\d{1,2})(?:[:.]?(\d{2}))? ?([ap]m)?", re.ASCII)
_WORDS = {"midnight": time(0), "noon": time(12), "midday": time(12)}


class NotATimeError(ValueError):
    """There is no such time of day; the message says why, for the user who typed it."""


def read(typed: str) -> time:
    text = " ".join(plain(typed).casefold().split())
    if text in _WORDS:
        return _WORDS[text]
    text = re.sub(r"([ap])\.? ?m\.?$", r"\1m", text)
    found = _TIME.fullmatch(text)
    hour, minute = (int(found[1]), int(found[2] or 0)) if found else (24, 0)
    if found is None or hour > 23 or minute > 59:
        raise NotATimeError("Enter a time, like 9am, 9:30pm or 18:00")
    if found[3]:
        # 13pm can only be 1pm; 12am is midnight.
        return time(hour % 12 + 12 * (found[3] == "pm") if hour <= 12 else hour, minute)
    if found[2] is None and 1 <= hour <= 12:
        raise NotATimeError(f"Say whether it is {hour}am or {hour}pm")
    return time(hour, minute)
