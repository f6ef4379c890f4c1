"""The page in one browser window on which somebody writes a referral.

A signed token in it says whose page it is and of which referral. So what is sent from it can be
kept although nobody is signed in any more, and nobody can make another site's page look like it.
"""

import re
import uuid
from dataclasses import dataclass, replace
from uuid import UUID

from django.conf import settings
from django.core import signing
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from accounts import errors
from accounts.models.people import Membership
from accounts.models.sessions import LoggedOut, Session
from accounts.roles import Permission, Role, may
from accounts.web.access import SignedInRequest, Stashed, VisitorRequest
from referrals import drafts
from referrals.details import Details
from referrals.drafts import Basis
from referrals.models.referrals import Referral
from referrals.views.find import referral_address

_SALT = "referrals.window"


def draft_address(view: str, referral_id: UUID, *, because: str) -> str:
    """Return the address of a page about a draft, and what it should say on top."""
    address = reverse(f"referrals:{view}", kwargs={"referral_id": referral_id})
    return f"{address}?because={because}" if because else address


@dataclass(frozen=True)
class Window:
    """A page of somebody's about a referral."""

    membership_id: int
    referral_id: UUID
    id: UUID
    session_number: int | None = None  # of pages that an earlier version has shown

    @classmethod
    def open(cls, session: Session, referral_id: UUID) -> "Window":
        """Return a new one."""
        return cls(session.membership_id, referral_id, uuid.uuid4(), session.pk)

    @classmethod
    def of(cls, request: HttpRequest, referral_id: UUID) -> "Window | None":
        """Return the page from which a form was sent, if its token is ours and not too old."""
        try:
            membership_id, referral, window, *session = signing.loads(
                request.POST.get("window", ""), salt=_SALT, max_age=settings.SESSION_LONGEST
            )
        except signing.BadSignature:
            return None
        found = cls(membership_id, UUID(hex=referral), UUID(hex=window), *session)
        return found if found.referral_id == referral_id else None

    @property
    def token(self) -> str:
        """What the page shows of itself; it lives as long as a log-in may."""
        session = [] if self.session_number is None else [self.session_number]
        said = [self.membership_id, self.referral_id.hex, self.id.hex, *session]
        return signing.dumps(said, salt=_SALT)

    def now_in(self, session: Session) -> "Window":
        """Return it as it goes on: somebody may have logged in again since it was opened."""
        return replace(self, session_number=session.pk)

    def author(self, request: VisitorRequest | SignedInRequest) -> Membership | None:
        """Return whose page it is, if they may still write referrals, and on this page.

        Not who has logged out there with the button, unless they are logged in again.
        """
        live = Membership.objects.live(timezone.localdate())
        working = live.filter(user__is_active=True, user__locked_at=None)
        found = working.select_related("user").filter(pk=self.membership_id).first()
        if found is None or not may(Role(found.role), Permission.REFERRAL_SEND):
            return None
        here = request.signed_in or request.locked
        is_back = here is not None and here.user_id == found.user_id
        return None if not is_back and self._was_left() else found

    def _was_left(self) -> bool:
        """Whether the session in which it was opened was ended with the button."""
        number = self.session_number
        return number is not None and LoggedOut.objects.filter(pk=number).exists()

    def basis(self, request: HttpRequest) -> Basis:
        """Return on what the form was written."""
        return Basis(_number(request, "version"), self.id, _number(request, "turn"))


def _number(request: HttpRequest, name: str) -> int:
    text = request.POST.get(name, "")
    return int(text) if re.fullmatch("[0-9]{1,9}", text, re.ASCII) else 0


def keep(request: VisitorRequest | SignedInRequest, *, referral_id: UUID) -> Stashed | None:
    """Store what was typed in its author's draft, whoever is signed in now; never send it."""
    window = Window.of(request, referral_id)
    author = window.author(request) if window else None
    if not window or not author:
        return None
    details = Details.incomplete(request.POST)
    because = "renewed" if request.signed_in else "kept"
    acting = replace(request.actor, membership=author, user=author.user)
    try:
        kept_as = drafts.keep(referral_id, details, basis=window.basis(request), actor=acting)
    except errors.Denied:  # sent meanwhile, in another window
        return Stashed(referral_address(referral_id, because="changed"), author.user_id)
    if kept_as != referral_id:
        is_theirs = not Referral.objects.filter(pk=referral_id).exclude(author=author.user).exists()
        because = "copy" if is_theirs else "handed-over"
    return Stashed(draft_address("edit", kept_as, because=because), author.user_id)


def keep_place(request: VisitorRequest, *, referral_id: UUID) -> Stashed | None:
    """Lead back to the page that is checked before it is sent: nothing is typed there."""
    window = Window.of(request, referral_id)
    author = window.author(request) if window else None
    if not author:
        return None
    because = "renewed" if request.signed_in else "kept"
    return Stashed(draft_address("send", referral_id, because=because), author.user_id)
