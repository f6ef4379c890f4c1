"""What a practice's administrators say of the practice: the overview, and two of its parts."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.models.people import Practice
from accounts.people.views.practice_setting import practice_of
from accounts.roles import Permission
from accounts.web import access
from accounts.web.access import SignedInRequest
from referrals import presenters
from referrals.models.pharmacies import Pharmacy

NEWS = {
    "again": "That was changed by somebody else meanwhile. This is how it is now.",
    "call-back": "The call-back number is changed. Your administrators are told.",
    "notices": "The address for notices is changed. The old one and the new one are told.",
}


def picked_by(practice: Practice) -> list[presenters.Picked]:
    """Return the pharmacies that a practice has picked, also those that are not offered."""
    found = Pharmacy.objects.picked_by(practice.pk)
    return presenters.picked(list(found), today=timezone.localdate())


@access.needs(Permission.PRACTICE_MANAGE)
@require_safe
def settings(request: SignedInRequest) -> HttpResponse:
    """Show how it is now."""
    practice = practice_of(request)
    context = {
        "news": NEWS.get(request.GET.get("because", ""), ""),
        "practice": practice,
        "picked": picked_by(practice),
    }
    return render(request, "referrals/settings.html", context)
