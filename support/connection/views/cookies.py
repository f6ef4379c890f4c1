"""Gives a browser a cookie, and says which one it brought: whether it keeps them."""

import secrets
from datetime import timedelta

from django.conf import settings
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts.web import access
from accounts.web.access import VisitorRequest

NAME = "connection"
KEPT_FOR = timedelta(minutes=5)


@access.everyone_quietly
@require_safe
def cookies(request: VisitorRequest) -> HttpResponse:
    """A script asks twice; without one, the button of the page leads here and back."""
    mark = secrets.token_hex(4)
    page = reverse("support:connection")
    if "page" in request.GET:
        response: HttpResponse = redirect(f"{page}?mark={mark}")
    else:
        response = JsonResponse({"came": request.COOKIES.get(NAME, ""), "given": mark})
    response.set_cookie(
        NAME,
        mark,
        KEPT_FOR,
        path=page,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
    return response
