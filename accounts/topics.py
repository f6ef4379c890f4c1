"""The help pages: one table of where they are and what they answer; who links to one names it here.

Pure: a refusal carries the topic that fits it, and neither knows of pages.
"""

from enum import StrEnum


class Topic(StrEnum):
    """A help page, by the last part of its address; its template has the same name."""

    SET_UP = "set-up"
    APPS = "apps"
    ACTIVATION = "activation"
    CODE_NOT_RIGHT = "code-not-right"
    CODE_USED = "code-used"
    CLOCK = "clock"
    TOO_MANY_TRIES = "too-many-tries"
    LOST_AUTHENTICATOR = "lost-authenticator"
    PASSWORD = "password"  # noqa: S105  an address
    PASSKEYS = "passkeys"
    SHARED_LOGIN = "shared-login"

    @property
    def question(self) -> str:
        return QUESTIONS[self]

    @property
    def route(self) -> str:
        return f"support:help-{self}"


QUESTIONS = {
    Topic.SET_UP: "How do I set up an authenticator app?",
    Topic.APPS: "Which authenticator app can I use?",
    Topic.ACTIVATION: "What if my activation code does not work?",
    Topic.CODE_NOT_RIGHT: "Why is my code not right?",
    Topic.CODE_USED: "Why can I not use the same code twice?",
    Topic.CLOCK: "What if the clock is wrong?",
    Topic.TOO_MANY_TRIES: "What happens after too many tries?",
    Topic.LOST_AUTHENTICATOR: "What if I have lost my phone, or have a new phone or computer?",
    Topic.PASSWORD: "What if I have forgotten my password?",
    Topic.PASSKEYS: "What is a passkey?",
    Topic.SHARED_LOGIN: "What if several people share a login?",
}
