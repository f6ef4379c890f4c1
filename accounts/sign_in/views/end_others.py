"""End all other sessions."""

from django.http import HttpResponse
from django.shortcuts import render

from accounts import errors
from accounts.roles import Permission
from accounts.sign_in import own_account
from accounts.sign_in.views.account import to_account
from accounts.web import access
from accounts.web.access import SignedInRequest
from accounts.web.pages import for_forms


@access.needs(Permission.ACCOUNT_OPEN, recently=True)
@for_forms
def end_others(request: SignedInRequest) -> HttpResponse:
    if request.method != "POST":
        return render(request, "accounts/sign_in/end_others.html")
    try:
        own_account.end_others(request.signed_in, request.actor)
    except errors.Gone:
        return to_account("again")
    return to_account("others")
