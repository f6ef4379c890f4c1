"""Your account: who PharmRefer takes you for."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts import access
from accounts.access import SignedInRequest
from accounts.roles import Permission


@access.needs(Permission.ACCOUNT_OPEN)
@require_safe
def account(request: SignedInRequest) -> HttpResponse:
    """Show the person's own details and authenticators."""
    user = request.signed_in.user
    authenticators = user.authenticators.filter(confirmed=True).order_by("created_at")
    return render(request, "accounts/account.html", {"authenticators": authenticators})
