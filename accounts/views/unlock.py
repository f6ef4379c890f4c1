"""A locked screen: the password of whoever was working here opens it again."""

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from accounts import access, actions, cookies
from accounts.access import VisitorRequest
from accounts.forms import UnlockForm
from accounts.views.page import for_forms, form_page, posted, refusal


@access.everyone
@for_forms
def unlock(request: VisitorRequest) -> HttpResponse:
    """Ask for the password, then show the page that was wanted."""
    asked = request.POST if request.method == "POST" else request.GET
    next_path = access.own_path(asked.get("next", ""))
    session = request.locked
    if session is None:
        return redirect(next_path or "home")
    form = UnlockForm(posted(request))
    if form.is_valid():
        try:
            key = actions.unlock(
                session, form.cleaned_data["password"], origin=request.origin, now=timezone.now()
            )
        except actions.DeniedError as error:
            form.add_error("password", refusal(error))
        except actions.GoneError:
            return redirect(next_path or "home")
        else:
            response = redirect(next_path or "home")
            cookies.hold_session(response, key)
            return response
    person = session.user
    return form_page(request, "accounts/unlock.html", form, person=person, next_path=next_path)
