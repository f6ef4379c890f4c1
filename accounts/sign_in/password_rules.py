"""Which passwords are refused, and why.

NIST SP 800-63B-4 section 3.1.1 and OWASP ASVS 5.0 section 6.2: length, a list of what is guessed
first and an estimate of how many guesses it takes, no rules of composition.
"""

import re

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.password_validation import CommonPasswordValidator
from django.core.exceptions import ValidationError

from accounts.factors.passwords import normalised
from accounts.models.people import User
from accounts.roles import PRIVILEGED, Role
from accounts.sign_in import password_strength
from accounts.text.email_addresses import SHARED

SHORTEST = 12  # characters
SHORTEST_FOR_PRIVILEGED = 15
FEWEST_DIFFERENT = 5
FEWEST_GUESSES = 10**8  # as zxcvbn counts them: its score 3 of 4, "safely unguessable"
FEWEST_OTHERS = 8  # characters, beside such words as ContextValidator knows
# Which letter a digit or sign replaces; 1 replaces two of them.
_SIGNS = [str.maketrans("@4301!$57", f"aaeo{one}isst") for one in "il"]
SHORTEST_WORD = 4  # letters: shorter words of a name or address are too common to refuse

# What people are at a practice, beside what its desks are called: an attacker's first guesses.
_JOBS = """
assistant dentist deputy director general healthcare hospital lead medicine paramedic patient
physician physio physiotherapist practitioner referrer senior technician trainee
"""

_ROLES = SHARED | set(_JOBS.split())
_LONG_ROLES = {word for word in _ROLES if len(word) >= SHORTEST_WORD}


def shortest_for(user: User) -> int:
    return shortest_as({Role(membership.role) for membership in user.memberships.all()})


def shortest_as(roles: set[Role]) -> int:
    return SHORTEST_FOR_PRIVILEGED if roles & PRIVILEGED else SHORTEST


class LengthValidator:
    """Asks for 12 characters, or 15 from privileged roles, and not all the same."""

    def validate(self, password: str, user: User) -> None:
        shortest, password = shortest_for(user), normalised(password)
        if len(password) < shortest:
            raise ValidationError(f"Password must be {shortest} characters or more")
        if len(set(password)) < FEWEST_DIFFERENT:
            raise ValidationError(
                f"Password must have {FEWEST_DIFFERENT} different characters or more"
            )


class CommonValidator(CommonPasswordValidator):
    """Refuses Django's 20,000 most common ones, also repeated or with digits and signs added."""

    def validate(self, password: str, user: AbstractBaseUser | None = None) -> None:
        for text in _readings(normalised(password)):
            for core in (text, _core(text), _once(_core(text))):
                super().validate(core, user)

    def get_error_message(self) -> str:
        return "Password must not be a common one"


class ContextValidator:
    """Refuses what is little more than the product, the practice, a job role or the user's name."""

    def validate(self, password: str, user: User) -> None:
        """Raise ValidationError if fewer than 8 characters are left without such words.

        Digits and signs before and after what is left count for nothing.
        """
        about, texts = _words_about(user) | _LONG_ROLES, _readings(normalised(password))
        for text, *words in zip(texts, *map(_readings, about), strict=True):
            left = text
            for word in sorted(words, key=len, reverse=True):
                left = left.replace(word, "")
            if left != text and len(_core(left)) < FEWEST_OTHERS:
                raise ValidationError(
                    "Password must not be based on your name, your practice's name, a job role or "
                    "PharmRefer"
                )


class StrengthValidator:
    """Refuses what takes few guesses: adjacent keys, counting, repeats, one or two known words."""

    def validate(self, password: str, user: User) -> None:
        known = sorted(_words_about(user)) + sorted(_ROLES)
        texts = list(dict.fromkeys(_readings(normalised(password))))
        if password_strength.guesses(texts, known=known) < FEWEST_GUESSES:
            raise ValidationError(
                "Password is too easy to guess. Use three random words, not just one word with "
                "numbers, a date, or keys that are next to each other"
            )


def _readings(text: str) -> list[str]:
    """Return the text as it stands, and with its digits and signs read as letters."""
    folded = text.casefold()
    return [folded, *(folded.translate(signs) for signs in _SIGNS)]


def _core(text: str) -> str:
    """Return the text without leading and trailing digits and signs."""
    return re.sub(r"\A[\W\d_]+|[\W\d_]+\Z", "", text)


def _once(text: str) -> str:
    """Return the part that the text repeats, or the text if it repeats none."""
    return re.sub(r"\A(.+?)(?:[\W\d_]*\1)+\Z", r"\1", text)


def _words_about(user: User) -> set[str]:
    texts = ["pharmrefer pharmacy password nhs", user.given_name, user.family_name, user.email]
    texts.append(user.job_role)
    for membership in user.memberships.select_related("practice"):
        if membership.practice:
            texts += [membership.practice.name, membership.practice.ods_code]
    words = {word for text in texts for word in re.split(r"[^\w]+", text.casefold())}
    return {word for word in words if len(word) >= SHORTEST_WORD}
