"""All referrals that the practice has sent."""

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from accounts.roles import Permission
from accounts.web import access
from accounts.web.access import SignedInRequest
from referrals.views.home import list_page


@access.needs(Permission.REFERRAL_OPEN)
@require_safe
def sent(request: SignedInRequest) -> HttpResponse:
    return list_page(request, "latest")
