"""Add an authenticator app: its secret, until the first code is accepted."""

from django.http import HttpResponse

from accounts.roles import Permission
from accounts.sign_in import own_account
from accounts.sign_in.forms import CodeForm
from accounts.sign_in.views.account import to_account
from accounts.sign_in.views.set_up_page import set_up_page
from accounts.web import access
from accounts.web.access import SignedInRequest
from accounts.web.pages import for_forms, posted
from accounts.web.refusals import refusals_beside


@access.needs(Permission.ACCOUNT_OPEN, recently=True, if_gone=to_account)
@for_forms
def set_up(request: SignedInRequest) -> HttpResponse:
    session, form = request.signed_in, CodeForm(posted(request))
    refused = refusals_beside(form, "code")
    made = session.being_set_up()
    if made is None:
        return to_account("again")
    if form.is_valid():
        with refused:
            own_account.add_authenticator(session, form.cleaned_data["code"], request.actor)
            return to_account("added")
    template = "accounts/sign_in/set_up_authenticator.html"
    return set_up_page(
        request, template, form, made, session.user, is_refused=refused.field == "code"
    )
