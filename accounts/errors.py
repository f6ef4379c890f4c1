"""Why something is not done. Each message is fit for the user."""

from collections.abc import Callable
from typing import ParamSpec

from accounts.topics import Topic

P = ParamSpec("P")


class Denied(Exception):
    """Not now, or not this person; the message is fit for them."""

    def __init__(self, message: str, field: str | None = None, topic: Topic | None = None) -> None:
        """Take the field of a form that it is about, and the help that fits, where there is one."""
        super().__init__(message)
        self.field, self.topic = field, topic


class Gone(Exception):
    """What was begun is not there any more: done in another window, or taken back."""


class Changed(Exception):
    """Somebody else has changed it since it was read."""

    def __init__(self, now: str) -> None:
        super().__init__("The practice was changed.")
        self.now = now


def why_denied(check: Callable[P, object], *args: P.args, **named: P.kwargs) -> str:
    """Return why a check denies it, or nothing."""
    try:
        check(*args, **named)
    except Denied as error:
        return str(error)
    return ""
