"""A forgotten password: ask for a link by e-mail."""

from django.http import HttpResponse
from django.shortcuts import redirect

from accounts.sign_in import password_reset
from accounts.sign_in.forms import UserNameForm
from accounts.web import access
from accounts.web.access import VisitorRequest
from accounts.web.pages import for_forms, form_page, posted, refusals_beside


@access.everyone
@for_forms
def forgotten(request: VisitorRequest) -> HttpResponse:
    form = UserNameForm(posted(request))
    if form.is_valid():
        with refusals_beside(form, "user_name"):
            password_reset.forget_password(form.cleaned_data["user_name"], request.actor)
            return redirect("accounts:forgotten-sent")
    return form_page(request, "accounts/sign_in/forgotten.html", form)
