"""Add a passkey."""

from django.http import HttpResponse

from accounts import errors
from accounts.models.people import User
from accounts.roles import Permission
from accounts.sign_in import passkeys
from accounts.sign_in.forms import NewPasskeyForm
from accounts.sign_in.views.account import to_account
from accounts.web import access
from accounts.web.access import SignedInRequest
from accounts.web.pages import for_forms, form_page, posted, refusal
from accounts.web.stash import stash_name, stashed_name


@access.needs(Permission.ACCOUNT_OPEN, recently=True, stash=stash_name)
@for_forms
def new_passkey(request: SignedInRequest) -> HttpResponse:
    session = request.signed_in
    names, why_not = session.user.passkeys.values_list("name", flat=True), _why_not(session.user)
    given = None if why_not else posted(request)
    form = NewPasskeyForm(names, given, initial=stashed_name(request))
    if form.is_valid():
        name, answer = form.cleaned_data["name"], form.cleaned_data["answer"]
        try:
            passkeys.add_passkey(session, name, answer, request.actor)
        except errors.Denied as error:
            form.add_error("answer", refusal(error))
        except errors.Gone:
            return to_account("again")
        else:
            return to_account("passkey-added")
    return form_page(request, "accounts/sign_in/new_passkey.html", form, why_not=why_not)


def _why_not(user: User) -> str:
    try:
        passkeys.check_can_add_passkey(user)
    except errors.Denied as error:
        return str(error)
    return ""
