"""Rename an authenticator app."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect

from accounts.sign_in import own_account
from accounts.sign_in.forms import NameForm
from accounts.sign_in.views.account import to_account
from accounts.web import access
from accounts.web.access import SignedInRequest
from accounts.web.pages import for_forms, form_page, posted
from accounts.web.stash import stash_name, stashed_name


@access.own_account(stash=stash_name, if_gone=to_account)
@for_forms
def rename(request: SignedInRequest, number: int) -> HttpResponse:
    apps = request.signed_in.user.authenticators.filter(confirmed=True)
    authenticator = get_object_or_404(apps, pk=number)
    taken = apps.exclude(pk=number).values_list("name", flat=True)
    form = NameForm(taken, posted(request), initial=stashed_name(request, authenticator.name))
    if form.is_valid():
        name = form.cleaned_data["name"]
        own_account.rename_authenticator(authenticator, name, request.actor)
        return redirect("accounts:account")
    return form_page(
        request, "accounts/sign_in/rename_authenticator.html", form, authenticator=authenticator
    )
