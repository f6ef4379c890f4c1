"""Whom to tell of what happens to somebody's account, and of what concerns a practice."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.utils import timezone

from accounts import mail
from accounts.models.former_addresses import addresses_of
from accounts.models.people import Membership, Practice, User, fold_user_name
from accounts.roles import Role


def tell_owner(user: User, template: str, *, now: datetime, key: str = "", **said: Any) -> None:
    """Tell somebody what happens to their account, at every address that was theirs lately.

    Args:
        template: of the e-mail; ``person`` and ``at`` are for its words, beside what is ``said``.
        key: of a link that opens something: it goes to the address of today alone.
    """
    for address in addresses_of(user, now=now):
        given = key if address == user.email else ""
        mail.post(address, template, now=now, person=user, at=now, key=given, **said)


def tell(
    practices: Collection[int | None],
    template: str,
    *,
    now: datetime,
    but: Collection[User] = (),
    also: Collection[str] = (),
    **said: Any,
) -> None:
    """Tell the administrators of some practices, and the addresses for notices, each once.

    Several people may read such an address: its template tells nothing of patients, and has no
    link that opens anything.

    Args:
        template: of the e-mail; ``hello`` and ``at`` are for its words, beside what is ``said``.
        but: those who are not told in this way.
        also: addresses that are told too.
    """
    readers = _readers({each for each in practices if each}, also, now=now)
    for each in but:
        readers.pop(each.email, None)
    for address, hello in readers.items():
        mail.post(address, template, now=now, at=now, hello=hello, **said)


def _readers(practices: Collection[int], also: Collection[str], *, now: datetime) -> dict[str, str]:
    """Return how each address is greeted."""
    live = Membership.objects.live(timezone.localdate(now))
    theirs = live.filter(role=Role.PRACTICE_ADMINISTRATOR, practice__in=practices)
    given = Practice.objects.filter(pk__in=practices).exclude(notices_email="")
    mailboxes = [*given.values_list("notices_email", flat=True), *also]
    administrators = User.objects.filter(memberships__in=theirs, is_active=True)
    return {fold_user_name(each): "Hello," for each in mailboxes} | {
        each.email: f"Hello {each.given_name}," for each in administrators
    }
