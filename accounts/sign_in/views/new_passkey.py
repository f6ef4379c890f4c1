"""Add a passkey."""

from django.http import HttpResponse

from accounts.errors import why_denied
from accounts.sign_in import passkeys
from accounts.sign_in.forms import NewPasskeyForm
from accounts.sign_in.views.account import to_account
from accounts.web import access
from accounts.web.access import SignedInRequest
from accounts.web.pages import for_forms, form_page, posted, refusals_beside
from accounts.web.stash import stash_name, stashed_name


@access.own_account(recently=True, stash=stash_name, if_gone=to_account)
@for_forms
def new_passkey(request: SignedInRequest) -> HttpResponse:
    session = request.signed_in
    names = session.user.passkeys.values_list("name", flat=True)
    why_not = why_denied(passkeys.check_can_add_passkey, session.user)
    given = None if why_not else posted(request)
    form = NewPasskeyForm(names, given, initial=stashed_name(request))
    if form.is_valid():
        name, answer = form.cleaned_data["name"], form.cleaned_data["answer"]
        with refusals_beside(form, "answer"):
            passkeys.add_passkey(session, name, answer, request.actor)
            return to_account("passkey-added")
    return form_page(request, "accounts/sign_in/new_passkey.html", form, why_not=why_not)
