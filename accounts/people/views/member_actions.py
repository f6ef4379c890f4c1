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
        "They are logged out at once, and cannot log in at your practice any more. Their referrals "
        "stay. Their drafts are deleted some days after they were last changed: on their page you "
        "can hand them to a colleague. You can turn them on again.",
        "Turn off",
        "off",
        is_warning=True,
    ),
    "on": MemberAction(
        "turn-on",
        memberships.turn_on,
        "Turn on {name} again?",
        "They can log in at your practice again, as what they were before. If their account "
        "belongs to another practice, they are asked first, and can once they accept.",
        "Turn on",
        "on",
        flash_code_asked="on-asked",
    ),
    "take-back": MemberAction(
        "take-back",
        memberships.take_back,
        "Take back what {name} was asked?",
        "They have not accepted it yet. They cannot accept it any more then, and are told by "
        "email.",
        "Take it back",
        "taken-back",
    ),
    "unlock": MemberAction(
        "unlock-person",
        colleagues.unlock_colleague,
        "Unlock {name}?",
        "They are locked. Speak with them first: if it was not them, somebody knows their "
        "password. It stops working, and they get an e-mail with a link to choose another one.",
        "Unlock",
        "unlocked",
    ),
    "one-person": MemberAction(
        "one-person",
        colleagues.say_one_person,
        "Does only {name} use this login?",
        "Say so if you know that nobody else does. What was seen up to today is not shown any "
        "more. What is seen on a later day is shown again. It is noted that you said so.",
        "This is one person",
        "one-person",
    ),
}
