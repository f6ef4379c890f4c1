"""The kinds of cases, a row each: what is checked, how long it waits, what it does and undoes."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from accounts.actor import Actor
from accounts.models.cases import Case, CaseKind, unusual_resets
from accounts.people import account_rules
from accounts.service_desk import effects, rules


def _ready_to_reset(case: Case, since: datetime) -> datetime | None:
    return account_rules.ready_at(case.account, since=since)


def _ready_to_activate(case: Case, since: datetime) -> datetime | None:
    is_mailed = case.account.is_new  # so only the user gets it
    ready_at = account_rules.ready_at_once if is_mailed else account_rules.ready_at
    return ready_at(case.account, since=since)


def _ready_to_unlock(case: Case, since: datetime) -> datetime | None:
    return account_rules.ready_at_once(case.account, since=since)  # unlocking voids the password


def _ready_once_approved(_case: Case, _since: datetime) -> None:
    return None


def _nothing_to_undo(_case: Case, _actor: Actor) -> None:
    """The dispute has locked the account already, so what the case gave opens nothing."""


def _nothing_unusual(_case: Case, _now: datetime) -> list[str]:
    return []


@dataclass(frozen=True)
class Handling:
    """What differs by kind; their wording is ``accounts.models.cases.WORDS``."""

    pages: str
    """The template with what its pages say."""
    check: Callable[[Case, Actor], None]
    """Raises Denied: asked as a case is opened, and again before it is carried out."""
    ready_at: Callable[[Case, datetime], datetime | None]
    """From when one member alone may do it, counted from a moment; None: never."""
    effect: Callable[[Case, Actor], str]
    """Returns the one-time activation code that it gives, or ""."""
    undo: Callable[[Case, Actor], None] = _nothing_to_undo
    """What "this was not me" does once the case was carried out."""
    unusual: Callable[[Case, datetime], list[str]] = _nothing_unusual
    """What an operator should hear of once it was done."""
    again_after: timedelta | None = None
    """How soon the same member may do it once more, where that would void what they were shown."""
    is_of_practice: bool = False
    """It is about who administers a practice, and not about an account only."""
    is_warning: bool = False
    """Its button is red: it takes something away from the user."""


KINDS = {
    CaseKind.RESET: Handling(
        pages="accounts/service_desk/kinds/reset.html",
        check=rules.check_can_reset,
        ready_at=_ready_to_reset,
        effect=effects.reset,
        unusual=unusual_resets,
        is_warning=True,
    ),
    CaseKind.ACTIVATION: Handling(
        pages="accounts/service_desk/kinds/activation.html",
        check=rules.check_can_activate,
        ready_at=_ready_to_activate,
        effect=effects.activate,
        again_after=timedelta(minutes=2),
    ),
    CaseKind.UNLOCK_ACCOUNT: Handling(
        pages="accounts/service_desk/kinds/unlock.html",
        check=rules.check_can_unlock,
        ready_at=_ready_to_unlock,
        effect=effects.unlock_account,
    ),
    CaseKind.ADMINISTRATOR: Handling(
        pages="accounts/service_desk/kinds/administrator.html",
        check=rules.check_can_make_administrator,
        ready_at=_ready_once_approved,
        effect=effects.make_administrator,
        undo=effects.take_powers_back,
        is_of_practice=True,
    ),
}
OF_ACCOUNTS = [kind for kind, row in KINDS.items() if not row.is_of_practice]


def handling(case: Case) -> Handling:
    return KINDS[CaseKind(case.kind)]
