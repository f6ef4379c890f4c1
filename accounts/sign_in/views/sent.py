"""A link for another password has been sent, if there is such an account."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.web import access
from accounts.web.access import VisitorRequest


@access.everyone
@require_safe
def sent(request: VisitorRequest) -> HttpResponse:
    """Say the same whether or not anybody has the user name."""
    return render(request, "accounts/sign_in/forgotten_sent.html")
