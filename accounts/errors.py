"""Why something is not done. Each message is fit for the user."""

from accounts.topics import Topic


class DeniedError(Exception):
    """Not now, or not this person; the message is fit for them."""

    def __init__(self, message: str, topic: Topic | None = None) -> None:
        """Take the message and the help that fits it, if any does."""
        super().__init__(message)
        self.topic = topic


class CodeDeniedError(DeniedError):
    """It is the code that is not right, or there have been too many."""


class GoneError(Exception):
    """What was begun is not there any more: done in another window, or taken back."""


class ChangedError(Exception):
    """Somebody else has changed it since it was read."""

    def __init__(self, now: str) -> None:
        """Take what it is now."""
        super().__init__("The practice was changed.")
        self.now = now
