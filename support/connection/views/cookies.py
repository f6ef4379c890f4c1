"""Gives a browser a cookie, and says which one it brought: whether it keeps them."""

from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.web import access, cookies
from accounts.web.access import VisitorRequest, address_of
from support.connection import marks


@access.everyone_quietly
@require_safe
def connection_cookies(request: VisitorRequest) -> HttpResponse:
    """A script asks twice; without one, the button of the page leads here and back."""
    mark = marks.new(timezone.now())
    if "page" in request.GET:
        response: HttpResponse = redirect(address_of("support:connection", mark=mark))
    else:
        came = cookies.connection_mark(request)
        response = JsonResponse({"came": came, "given": mark})
    cookies.hold_connection(response, mark)
    return response
