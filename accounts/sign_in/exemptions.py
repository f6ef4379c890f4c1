"""What exempts a try at a password or activation code from waiting: a puzzle, or a live code."""

from dataclasses import dataclass
from datetime import datetime

from accounts.factors import totp
from accounts.models.throttle import Throttle, hash_of_name, subject_of_proofs
from accounts.sign_in import puzzles, second_factor
from accounts.sign_in.attempts import person_named
from accounts.sign_in.puzzles import Puzzle


@dataclass(frozen=True)
class Exemption:
    """What came with a try, each part as it was sent."""

    puzzle: str = ""
    solution: str = ""
    code: str = ""  # six digits

    def spend(self, user_name: str, *, now: datetime) -> bool:
        """Use it up, and say whether it was good."""
        return self._is_solved(user_name, now=now) or self._is_live(user_name, now=now)

    def _is_solved(self, user_name: str, *, now: datetime) -> bool:
        nonce = puzzles.solved(self.puzzle, self.solution, hash_of_name(user_name))
        if not nonce or not Throttle.objects.is_first(f"puzzle:{nonce}", now=now):
            return False
        Throttle.objects.add(subject_of_proofs(user_name), now=now)
        return True

    def _is_live(self, user_name: str, *, now: datetime) -> bool:
        """Spend a code in place of a wait; the log-in itself then needs the next one.

        If the log-in took the same code, codes could be tried here, where nobody counts them.
        """
        if not self.code:
            return False
        user = person_named(user_name, now=now)
        if user is None:  # takes about as long as for a user name that exists
            totp.matching_step(totp.new_secret(), self.code, now, totp.WIDE_WINDOW)
            return False
        authenticators = list(user.authenticators.filter(confirmed=True))
        try:
            second_factor.accept_code(user, authenticators, self.code, now=now)
        except second_factor.CodeRefusedError:
            return False
        return True


NO_EXEMPTION = Exemption()


def puzzle_for(user_name: str) -> Puzzle:
    """Return a puzzle for the next try at a user name, whether or not anybody has it."""
    tries = Throttle.objects.tries(subject_of_proofs(user_name))
    return puzzles.new(hash_of_name(user_name), bits=puzzles.bits_after(tries))
