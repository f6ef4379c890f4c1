"""How passwords are hashed, and which are refused.

OWASP Password Storage Cheat Sheet for the hash; NIST SP 800-63B-4 section 3.1.1 and OWASP ASVS
5.0 section 6.2 for the rest: length and a list of what is guessed first, no rules of composition.
"""

import re
from typing import TYPE_CHECKING

from django.contrib.auth.hashers import Argon2PasswordHasher
from django.contrib.auth.password_validation import CommonPasswordValidator
from django.core.exceptions import ValidationError

from accounts.roles import Role

if TYPE_CHECKING:
    from django.contrib.auth.base_user import AbstractBaseUser

    from accounts.models import User

SHORTEST = 12  # characters
SHORTEST_FOR_POWERFUL = 15
LONGEST = 256
FEWEST_DIFFERENT = 5
POWERFUL = frozenset({Role.PRACTICE_ADMINISTRATOR, Role.SERVICE_DESK, Role.OPERATOR})
FEWEST_OTHERS = 8  # characters, beside such words as ContextValidator knows
# What stands for what letter; a one stands for two of them.
_SIGNS = [str.maketrans("@4301!$57", f"aaeo{one}isst") for one in "il"]
SHORTEST_WORD = 4  # letters: shorter words of a name or address are too common to refuse


class Argon2id(Argon2PasswordHasher):
    """Argon2id with OWASP's parameters: a tenth of the CPU of Django's own."""

    time_cost = 2
    memory_cost = 19_456  # KiB
    parallelism = 1


def shortest_for(user: "User") -> int:
    """Return the fewest characters of a person's password: more for those who can do more."""
    return shortest_as({Role(membership.role) for membership in user.memberships.all()})


def shortest_as(roles: set[Role]) -> int:
    """Return the fewest characters for somebody who is all of these."""
    return SHORTEST_FOR_POWERFUL if roles & POWERFUL else SHORTEST


class LengthValidator:
    """12 characters, or 15 for administrators, the service desk and operators, not all alike."""

    def validate(self, password: str, user: "User") -> None:
        """Raise ValidationError if it is too short, or one character over and over."""
        shortest = shortest_for(user)
        if len(password) < shortest:
            raise ValidationError(f"Password must be {shortest} characters or more")
        if len(set(password)) < FEWEST_DIFFERENT:
            raise ValidationError(
                f"Password must have {FEWEST_DIFFERENT} different characters or more"
            )


class CommonValidator(CommonPasswordValidator):
    """None of the 20,000 that are used most, as Django lists them, however dressed up."""

    def validate(self, password: str, user: "AbstractBaseUser | None" = None) -> None:
        """Raise ValidationError for one of them: also again and again, or between digits."""
        for text in _readings(password):
            for core in (text, _core(text), _once(_core(text))):
                super().validate(core, user)

    def get_error_message(self) -> str:
        """Return our words for it."""
        return "Password must not be one that many people use"


class ContextValidator:
    """Nothing that is little more than the product, the practice or the person's own name."""

    def validate(self, password: str, user: "User") -> None:
        """Raise ValidationError if fewer than 8 characters are left without such words.

        Digits and signs before and after what is left count for nothing.
        """
        about = _words_about(user)
        for text, *words in zip(_readings(password), *map(_readings, about), strict=True):
            left = text
            for word in sorted(words, key=len, reverse=True):
                left = left.replace(word, "")
            if left != text and len(_core(left)) < FEWEST_OTHERS:
                raise ValidationError(
                    "Password must not be made of your name, your practice's name or PharmRefer"
                )


def _readings(text: str) -> list[str]:
    """Return what a text may be read as: as it stands, and with digits and signs for letters."""
    folded = text.casefold()
    return [folded, *(folded.translate(signs) for signs in _SIGNS)]


def _core(text: str) -> str:
    """Return a text without digits and signs before and after it."""
    return re.sub(r"\A[\W\d_]+|[\W\d_]+\Z", "", text)


def _once(text: str) -> str:
    """Return what a text repeats, or all of it."""
    return re.sub(r"\A(.+?)(?:[\W\d_]*\1)+\Z", r"\1", text)


def _words_about(user: "User") -> set[str]:
    texts = ["pharmrefer pharmacy password nhs", user.given_name, user.family_name, user.email]
    for membership in user.memberships.select_related("practice"):
        if membership.practice:
            texts += [membership.practice.name, membership.practice.ods_code]
    words = {word for text in texts for word in re.split(r"[^\w]+", text.casefold())}
    return {word for word in words if len(word) >= SHORTEST_WORD}
