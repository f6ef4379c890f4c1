"""A referral's page reports that it is being printed."""

from uuid import UUID

from django.http import HttpResponse
from django.views.decorators.http import require_POST

from accounts.roles import Permission
from accounts.web import access
from accounts.web.access import SignedInRequest
from referrals import actions
from referrals.views.find import find


@access.needs(Permission.REFERRAL_OPEN, by_script=True)
@require_POST
def printed(request: SignedInRequest, referral_id: UUID) -> HttpResponse:
    found = find(request, referral_id)
    actions.note_print(found, request.actor)
    return HttpResponse(status=204)
