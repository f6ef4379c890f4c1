"""What an administrator does with a member once they have confirmed it, a row each."""

from collections.abc import Callable
from typing import NamedTuple

from accounts.people import colleagues, memberships


class MemberAction(NamedTuple):
    route: str  # its name, which the audit has where somebody else was refused
    act: Callable[..., None]
    heading: str  # with the person's name in place of {name}
    text: str
    button: str
    flash_code: str
    is_warning: bool = False
    flash_code_asked: str = ""  # where its owner has to accept it first


# By the last word of their addresses.
ACTIONS = {
    "off": MemberAction(
        "turn-off",
        memberships.turn_off,
        "Turn off {name}?",
        "They are logged out straight away, and can no longer log in at your practice. Their "
        "referrals stay. Their drafts are deleted some days after they were last changed: you can "
        "hand them to a colleague from their page. You can turn them on again.",
        "Turn off",
        "off",
        is_warning=True,
    ),
    "on": MemberAction(
        "turn-on",
        memberships.turn_on,
        "Turn on {name} again?",
        "They can log in at your practice again, with the same role as before. If their account "
        "belongs to another practice, we ask them first, and they can once they accept.",
        "Turn on",
        "on",
        flash_code_asked="on-asked",
    ),
    "take-back": MemberAction(
        "take-back",
        memberships.take_back,
        "Withdraw the request to {name}?",
        "They have not accepted it yet. We will tell them by email that it is withdrawn.",
        "Withdraw the request",
        "taken-back",
    ),
    "unlock": MemberAction(
        "unlock-person",
        colleagues.unlock_colleague,
        "Unlock {name}?",
        "They are locked. Speak to them first: if it was not them, someone knows their password. "
        "Their password will stop working, and we will email them a link to choose another one.",
        "Unlock",
        "unlocked",
    ),
    "one-person": MemberAction(
        "one-person",
        colleagues.say_one_person,
        "Does only {name} use this login?",
        "Confirm this only if you know that nobody else does. What was seen up to today is no "
        "longer shown. What is seen on a later day is shown again. We record that you said so.",
        "This is one person",
        "one-person",
    ),
}
