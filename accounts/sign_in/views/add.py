"""Add an authenticator app: what it is called."""

from django.http import HttpResponse
from django.shortcuts import redirect

from accounts.sign_in import own_account
from accounts.sign_in.forms import NameForm
from accounts.sign_in.views.account import to_account
from accounts.web import access
from accounts.web.access import SignedInRequest
from accounts.web.pages import for_forms, form_page, posted, refusals_beside
from accounts.web.stash import stash_name, stashed_name


@access.own_account(recently=True, stash=stash_name, if_gone=to_account)
@for_forms
def add(request: SignedInRequest) -> HttpResponse:
    apps = request.signed_in.user.authenticators.filter(confirmed=True)
    taken = apps.values_list("name", flat=True)
    form = NameForm(taken, posted(request), initial=stashed_name(request))
    if form.is_valid():
        with refusals_beside(form, "name"):
            name = form.cleaned_data["name"]
            own_account.begin_authenticator(request.signed_in, name, request.actor)
            return redirect("accounts:set-up-authenticator")
    return form_page(request, "accounts/sign_in/add_authenticator.html", form)
