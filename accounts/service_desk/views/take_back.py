"""Allow an address no longer."""

from contextlib import suppress

from django.http import HttpResponse
from django.views.decorators.http import require_POST

from accounts import errors
from accounts.roles import Permission
from accounts.service_desk import allowed_addresses as actions_allow
from accounts.service_desk.views.addresses import _to_list
from accounts.web import access
from accounts.web.access import SignedInRequest


@access.needs(Permission.DESK_OPEN, recently=True)
@require_POST
def take_back(request: SignedInRequest, number: int) -> HttpResponse:
    with suppress(errors.Gone):  # a colleague was quicker
        actions_allow.take_back_address(number, request.actor)
    return _to_list("back")
