"""End all other sessions."""

from django.http import HttpResponse

from accounts.sign_in import own_account
from accounts.sign_in.views.account import to_account
from accounts.web import access
from accounts.web.access import SignedInRequest
from accounts.web.pages import for_forms, sure_page


@access.own_account(recently=True, if_gone=to_account)
@for_forms
def end_others(request: SignedInRequest) -> HttpResponse:
    if request.method == "POST":
        own_account.end_others(request.signed_in, request.actor)
        return to_account("others")
    return sure_page(request, "accounts/sign_in/end_others.html")
