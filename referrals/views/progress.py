"""A referral's page asks whether anything is new."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.roles import Permission
from accounts.web import access
from accounts.web.access import SignedInRequest
from referrals.views.find import find
from referrals.views.referral import progress_of


@access.needs(Permission.REFERRAL_OPEN, keeps_awake=False, by_script=True)
@require_safe
def progress(request: SignedInRequest, referral_id: UUID) -> HttpResponse:
    found, now = find(request, referral_id), timezone.now()
    return render(request, "referrals/progress.html", progress_of(found, now))
