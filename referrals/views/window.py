"""The open page on which a user writes a referral.

Its signed token says whose page it is and of which referral. So what is sent from it can be saved
although nobody is signed in any more, and no other site can forge it.
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
    address = reverse(f"referrals:{view}", kwargs={"referral_id": referral_id})
    return f"{address}?because={because}" if because else address


@dataclass(frozen=True)
class Window:
    """A user's open page about a referral."""

    membership_id: int
    referral_id: UUID
    id: UUID
    session_number: int | None = None  # None on pages of an earlier version of the program

    @classmethod
    def open(cls, session: Session, referral_id: UUID) -> "Window":
        return cls(session.membership_id, referral_id, uuid.uuid4(), session.pk)

    @classmethod
    def of(cls, request: HttpRequest, referral_id: UUID) -> "Window | None":
        """None where the token is not ours, or too old."""
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
        session = [] if self.session_number is None else [self.session_number]
        said = [self.membership_id, self.referral_id.hex, self.id.hex, *session]
        return signing.dumps(said, salt=_SALT)

    def now_in(self, session: Session) -> "Window":
        """Carry on in this session: the user may have logged in again since the page was opened."""
        return replace(self, session_number=session.pk)

    def author(self, request: VisitorRequest | SignedInRequest) -> Membership | None:
        """The user's membership, if they may still write referrals on this page.

        Not one who has logged out there with the button, unless they are logged in again.
        """
        live = Membership.objects.live(timezone.localdate())
        working = live.filter(user__is_active=True, user__stopped_at=None)
        found = working.select_related("user").filter(pk=self.membership_id).first()
        if found is None or not may(Role(found.role), Permission.REFERRAL_SEND):
            return None
        here = request.signed_in or request.locked
        is_back = here is not None and here.user_id == found.user_id
        return None if not is_back and self._was_left() else found

    def _was_left(self) -> bool:
        number = self.session_number
        return number is not None and LoggedOut.objects.filter(pk=number).exists()

    def basis(self, request: HttpRequest) -> Basis:
        return Basis(_number(request, "version"), self.id, _number(request, "turn"))


def _number(request: HttpRequest, name: str) -> int:
    text = request.POST.get(name, "")
    return int(text) if re.fullmatch("[0-9]{1,9}", text, re.ASCII) else 0


def keep(request: VisitorRequest | SignedInRequest, *, referral_id: UUID) -> Stashed | None:
    """Save what was typed in its author's draft, whoever is signed in now; never send it."""
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
    """Lead back to the page on which a referral is checked: nothing is typed there."""
    window = Window.of(request, referral_id)
    author = window.author(request) if window else None
    if not author:
        return None
    because = "renewed" if request.signed_in else "kept"
    return Stashed(draft_address("send", referral_id, because=because), author.user_id)
