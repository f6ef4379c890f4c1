"""Who does something, from where and when: made once for each request, command and task."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Self

from django.utils import timezone

from accounts.models.people import Membership, User
from accounts.origin import Origin, console


@dataclass(frozen=True)
class Actor:
    """A visitor is no user, and neither is an operator at the console."""

    membership: Membership | None
    user: User | None
    origin: Origin
    now: datetime

    @property
    def today(self) -> date:
        return timezone.localdate(self.now)

    @property
    def member(self) -> Membership:
        """Their membership, in what opens to members only."""
        assert self.membership  # noqa: S101  a view that needs a permission opens to nobody else
        return self.membership

    def as_visitor(self) -> Self:
        """The same without the user: whoever holds a link acts as its holder, signed in or not."""
        return replace(self, membership=None, user=None)


def at_console(now: datetime) -> Actor:
    return Actor(None, None, console(), now)
