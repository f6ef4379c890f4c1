"""Carry out a case while the caller is on the phone again."""

from django.core.exceptions import ValidationError
from django.http import HttpResponse

from accounts import errors
from accounts.roles import Permission
from accounts.service_desk import cases
from accounts.service_desk.forms import CalledBackForm
from accounts.service_desk.kinds import handling
from accounts.service_desk.views.cases import about, done, find, to_case
from accounts.web import access
from accounts.web.access import SignedInRequest
from accounts.web.pages import for_forms, form_page, posted


@access.needs(Permission.DESK_OPEN, recently=True, if_gone=to_case)
@for_forms
def carry_out(request: SignedInRequest, number: int) -> HttpResponse:
    found, denied = find(number), ""
    form = CalledBackForm(posted(request), practice=found.practice)
    if form.is_valid():
        try:
            made, code = cases.carry_out(number, request.actor)
        except errors.Denied as error:
            denied = str(error)
        except ValidationError as error:
            denied = " ".join(error.messages)
        else:
            return done(request, made, code)
    return form_page(
        request,
        "accounts/service_desk/carry_out.html",
        form,
        denied=denied,
        handling=handling(found),
        **about(found, now=request.actor.now),
    )
