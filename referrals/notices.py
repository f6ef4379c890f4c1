"""The e-mails about drafts: one function each, called as its template.

They say how many there are; of whom they are, e-mails say nothing.
"""

from datetime import datetime

from django.conf import settings
from django.utils import timezone

from accounts import mail
from accounts.models.people import Membership, User
from accounts.notices import words


def drafts_received(
    colleague: Membership, count: int, *, member: Membership, by: User, now: datetime
) -> None:
    """Tell a colleague that a member's drafts are theirs now."""
    practice, today = member.practice, timezone.localdate(now)
    said = words(
        "drafts_received",
        colleague=colleague,
        count=count,
        member=member,
        is_closed=practice is not None and practice.is_closed(today=today),
        kept_for=settings.DRAFTS_KEPT.days,
        by=by,
        at=now,
    )
    mail.post(colleague.user.email, said, now=now)


def drafts_handed_over(
    member: Membership, count: int, *, colleague: Membership, by: User, now: datetime
) -> None:
    """Tell a member that their drafts are a colleague's now."""
    said = words(
        "drafts_handed_over", member=member, count=count, colleague=colleague, by=by, at=now
    )
    mail.post(member.user.email, said, now=now)
