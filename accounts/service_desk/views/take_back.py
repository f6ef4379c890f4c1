"""Allow an address no longer."""

from contextlib import suppress

from django.http import HttpResponse
from django.views.decorators.http import require_POST

from accounts import errors
from accounts.roles import Permission
from accounts.service_desk import allowed_addresses
from accounts.service_desk.views.addresses import to_list
from accounts.web import access
from accounts.web.access import SignedInRequest


@access.needs(Permission.DESK_OPEN, recently=True)
@require_POST
def take_back(request: SignedInRequest, number: int) -> HttpResponse:
    with suppress(errors.Gone):  # a colleague was quicker
        allowed_addresses.take_back_address(number, request.actor)
    return to_list("back")
