"""Approve a colleague's case."""

from django.http import HttpResponse

from accounts.roles import Permission
from accounts.service_desk import cases
from accounts.service_desk.views.cases import decide, to_case
from accounts.web import access
from accounts.web.access import SignedInRequest
from accounts.web.pages import for_forms


@access.needs(Permission.DESK_OPEN, recently=True, if_gone=to_case)
@for_forms
def approve(request: SignedInRequest, number: int) -> HttpResponse:
    text = (
        "It can be carried out at once then. Look at who called, and on what number they were "
        "called back, as if you had taken the call yourself."
    )
    words = {"heading": "Approve this case?", "text": text, "button": "Approve"}
    return decide(request, number, cases.approve, "approved", **words)
