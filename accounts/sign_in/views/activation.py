"""An activation code in place of a code, where there is no authenticator yet."""

from django.http import HttpResponse
from django.shortcuts import redirect

from accounts.models.sessions import Step
from accounts.sign_in import activation as sign_in_activation
from accounts.sign_in.forms import ActivationForm
from accounts.web import access
from accounts.web.access import PendingRequest
from accounts.web.pages import for_forms, form_page, posted, refusals_beside


@access.during(Step.ACTIVATION)
@for_forms
def activation(request: PendingRequest) -> HttpResponse:
    form = ActivationForm(posted(request))
    if form.is_valid():
        with refusals_beside(form, "activation_code"):
            sign_in_activation.accept_activation(
                request.pending, form.cleaned_data["activation_code"], request.actor
            )
            return redirect("accounts:set-up")
    return form_page(request, "accounts/sign_in/activation.html", form, person=request.pending.user)
