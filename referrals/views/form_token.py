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
from accounts.web.access import Destination, SignedInRequest, VisitorRequest
from referrals import drafts
from referrals.details import Details
from referrals.drafts import BaseVersion
from referrals.models.referrals import Referral
from referrals.views.find import referral_address

_SALT = "referrals.window"


def draft_address(view: str, referral_id: UUID, *, flash_code: str) -> str:
    address = reverse(f"referrals:{view}", kwargs={"referral_id": referral_id})
    return f"{address}?because={flash_code}" if flash_code else address


@dataclass(frozen=True)
class FormToken:
    """A user's open page about a referral."""

    membership_id: int
    referral_id: UUID
    id: UUID
    session_number: int | None = None  # None on pages of an earlier version of the program

    @classmethod
    def open(cls, session: Session, referral_id: UUID) -> "FormToken":
        return cls(session.membership_id, referral_id, uuid.uuid4(), session.pk)

    @classmethod
    def of(cls, request: HttpRequest, referral_id: UUID) -> "FormToken | None":
        """None where the token is not ours, or too old."""
        try:
            membership_id, referral, form_id, *session = signing.loads(
                request.POST.get("window", ""), salt=_SALT, max_age=settings.SESSION_LONGEST
            )
        except signing.BadSignature:
            return None
        found = cls(membership_id, UUID(hex=referral), UUID(hex=form_id), *session)
        return found if found.referral_id == referral_id else None

    @property
    def signed(self) -> str:
        session = [] if self.session_number is None else [self.session_number]
        said = [self.membership_id, self.referral_id.hex, self.id.hex, *session]
        return signing.dumps(said, salt=_SALT)

    def now_in(self, session: Session) -> "FormToken":
        """Carry on in this session: the user may have logged in again since the page was opened."""
        return replace(self, session_number=session.pk)

    def author(self, request: VisitorRequest | SignedInRequest) -> Membership | None:
        """The user's membership, if they may still write referrals on this page.

        Not one who has logged out there with the button, unless they are logged in again.
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
        number = self.session_number
        return number is not None and LoggedOut.objects.filter(pk=number).exists()

    def base(self, request: HttpRequest) -> BaseVersion:
        return BaseVersion(_number(request, "version"), self.id, _number(request, "turn"))


def _number(request: HttpRequest, name: str) -> int:
    text = request.POST.get(name, "")
    return int(text) if re.fullmatch("[0-9]{1,9}", text, re.ASCII) else 0


def stash(request: VisitorRequest | SignedInRequest, *, referral_id: UUID) -> Destination | None:
    """Save what was typed in its author's draft, whoever is signed in now; never send it."""
    form_token = FormToken.of(request, referral_id)
    author = form_token.author(request) if form_token else None
    if not form_token or not author:
        return None
    details = Details.incomplete(request.POST)
    flash_code = "renewed" if request.signed_in else "kept"
    acting = replace(request.actor, membership=author, user=author.user)
    try:
        stashed_as = drafts.stash(referral_id, details, base=form_token.base(request), actor=acting)
    except errors.Denied:  # sent meanwhile, in another window
        return Destination(referral_address(referral_id, flash_code="changed"), author.user_id)
    if stashed_as != referral_id:
        is_theirs = not Referral.objects.filter(pk=referral_id).exclude(author=author.user).exists()
        flash_code = "copy" if is_theirs else "handed-over"
    return Destination(draft_address("edit", stashed_as, flash_code=flash_code), author.user_id)


def stash_address(request: VisitorRequest, *, referral_id: UUID) -> Destination | None:
    """Lead back to the page on which a referral is checked: nothing is typed there."""
    form_token = FormToken.of(request, referral_id)
    author = form_token.author(request) if form_token else None
    if not author:
        return None
    flash_code = "renewed" if request.signed_in else "kept"
    return Destination(draft_address("send", referral_id, flash_code=flash_code), author.user_id)
