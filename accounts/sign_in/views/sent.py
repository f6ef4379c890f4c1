"""A link for another password has been sent, if there is such an account; it says no more."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.web import access
from accounts.web.access import VisitorRequest


@access.everyone
@require_safe
def sent(request: VisitorRequest) -> HttpResponse:
    return render(request, "accounts/sign_in/forgotten_sent.html")
