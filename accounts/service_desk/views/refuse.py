"""End a case without doing what it asks for."""

from django.http import HttpResponse

from accounts.roles import Permission
from accounts.service_desk import cases
from accounts.service_desk.views.cases import decide, to_case
from accounts.web import access
from accounts.web.access import SignedInRequest
from accounts.web.pages import for_forms


@access.needs(Permission.DESK_OPEN, recently=True, if_gone=to_case)
@for_forms
def refuse(request: SignedInRequest, number: int) -> HttpResponse:
    text = "Nothing is changed for the person. To do it after all, open another case."
    words = {"heading": "End this case?", "text": text, "button": "End the case"}
    return decide(request, number, cases.refuse, "refused", **words)
