"""The practice's settings, and its usual pharmacies."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.models.people import Practice
from accounts.roles import Permission
from accounts.web import access, flash
from accounts.web.access import SignedInRequest
from referrals import presenters
from referrals.models.pharmacies import Pharmacy, Seeker
from referrals.views.flash import SETTINGS


def picked_by(practice: Practice) -> list[presenters.Picked]:
    now = timezone.now()
    found = Pharmacy.objects.picked_by(practice.pk).seen(Seeker(now, practice).values)
    return presenters.picked(list(found), now=now)


@access.needs(Permission.PRACTICE_MANAGE)
@require_safe
def settings(request: SignedInRequest) -> HttpResponse:
    practice = request.signed_in.membership.own_practice
    context = {
        "flash": flash.message(request, SETTINGS),
        "practice": practice,
        "picked": picked_by(practice),
    }
    return render(request, "referrals/settings.html", context)
