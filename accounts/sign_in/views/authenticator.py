"""The first authenticator app is set up."""

from django.http import HttpResponse
from django.utils import timezone

from accounts.errors import Gone
from accounts.models.sessions import Step
from accounts.sign_in.forms import CodeForm
from accounts.sign_in.views.log_in import let_in
from accounts.sign_in.views.set_up import set_up_page
from accounts.web import access
from accounts.web.access import PendingRequest
from accounts.web.pages import for_forms, posted, refusals_beside


@access.during(Step.SET_UP)
@for_forms
def authenticator(request: PendingRequest) -> HttpResponse:
    pending, form = request.pending, CodeForm(posted(request))
    refused = refusals_beside(form, "code")
    if pending.authenticator is None:  # a set-up that began later has replaced it
        raise Gone
    if form.is_valid():
        with refused:
            return let_in(request, form)
    return set_up_page(
        request,
        "accounts/sign_in/set_up.html",
        form,
        pending.authenticator,
        pending.user,
        is_refused=refused.field == "code",
        membership=pending.user.home(today=timezone.localdate()),
    )
