"""Another password, for somebody who has just shown that they know the old one."""

from django.http import HttpResponse

from accounts import errors
from accounts.roles import Permission
from accounts.sign_in import own_account
from accounts.sign_in.forms import NewPasswordForm
from accounts.sign_in.views.account import to_account
from accounts.web import access
from accounts.web.access import SignedInRequest
from accounts.web.pages import for_forms, form_page, posted


@access.needs(Permission.ACCOUNT_OPEN, recently=True)
@for_forms
def change_password(request: SignedInRequest) -> HttpResponse:
    """Ask for the new one."""
    session = request.signed_in
    form = NewPasswordForm(session.user, posted(request))
    if form.is_valid():
        password = form.cleaned_data["password"]
        try:
            own_account.change_password(session, password, request.actor)
        except errors.GoneError:
            return to_account("again")
        return to_account("password")
    return form_page(request, "accounts/sign_in/change_password.html", form, person=session.user)
