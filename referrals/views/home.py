"""The practice's home: what needs somebody, what was not sent, and what was."""

from datetime import timedelta

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts import access
from accounts.access import SignedInRequest
from accounts.roles import Permission
from referrals import presenters
from referrals.models import Referral
from referrals.states import State

LATEST = 50
NEEDS_SOMEBODY_FOR = timedelta(days=7)


@access.needs(Permission.REFERRAL_OPEN)
@require_safe
def home(request: SignedInRequest) -> HttpResponse:
    """Show the practice's latest referrals, and first those that somebody has to look after."""
    now, person = timezone.now(), request.signed_in.membership
    visible = Referral.objects.visible_to(person).select_related("pharmacy", "sent_by")
    urgent = visible.in_need_of_somebody(now - NEEDS_SOMEBODY_FOR)
    drafts = visible.filter(state=State.DRAFT).order_by("-created_at")
    lists = {"urgent": urgent, "drafts": drafts, "latest": visible.sent()}
    rows = {
        name: [presenters.row(referral, now=now) for referral in found[:LATEST]]
        for name, found in lists.items()
    }
    return render(request, "referrals/home.html", rows)
