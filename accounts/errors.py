"""Why something is not done. Each message is fit for the user."""

from accounts.topics import Topic


class Denied(Exception):
    """Not now, or not this person; the message is fit for them."""

    def __init__(self, message: str, topic: Topic | None = None) -> None:
        """Take the message and the help that fits it, if any does."""
        super().__init__(message)
        self.topic = topic


class CodeDenied(Denied):
    """It is the code that is not right, or there have been too many."""


class Gone(Exception):
    """What was begun is not there any more: done in another window, or taken back."""


class Changed(Exception):
    """Somebody else has changed it since it was read."""

    def __init__(self, now: str) -> None:
        """Take what it is now."""
        super().__init__("The practice was changed.")
        self.now = now
