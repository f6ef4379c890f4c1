"""Remove an authenticator app or a passkey."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render

from accounts.errors import why_denied
from accounts.sign_in import own_account, passkeys
from accounts.sign_in.views.account import to_account
from accounts.web import access
from accounts.web.access import SignedInRequest
from accounts.web.pages import for_forms, sure_page


@access.own_account(recently=True, if_gone=to_account)
@for_forms
def remove_authenticator(request: SignedInRequest, number: int) -> HttpResponse:
    session = request.signed_in
    apps = session.user.authenticators.filter(confirmed=True)
    authenticator = get_object_or_404(apps, pk=number)
    if request.method == "POST":
        denied = why_denied(own_account.remove_authenticator, session, number, request.actor)
        if not denied:
            return to_account("removed")
    else:
        denied = own_account.LAST_ONE if apps.count() == 1 else ""
    if denied:
        context = {"authenticator": authenticator, "denied": denied}
        status = 422 if request.method == "POST" else 200
        return render(request, "accounts/sign_in/last_authenticator.html", context, status=status)
    return sure_page(
        request, "accounts/sign_in/remove_authenticator.html", authenticator=authenticator
    )


@access.own_account(recently=True, if_gone=to_account)
@for_forms
def remove_passkey(request: SignedInRequest, number: int) -> HttpResponse:
    session = request.signed_in
    passkey = get_object_or_404(session.user.passkeys, pk=number)
    if request.method == "POST":
        passkeys.remove_passkey(passkey, session, request.actor)
        return to_account("passkey-removed")
    return sure_page(request, "accounts/sign_in/remove_passkey.html", passkey=passkey)
