"""Open a case: new activation code."""

from django.http import HttpResponse

from accounts.models.cases import CaseKind
from accounts.roles import Permission
from accounts.service_desk.views.open_case import CALL, open_case, to_desk_person
from accounts.web import access
from accounts.web.access import SignedInRequest
from accounts.web.pages import for_forms
from accounts.web.stash import stash_typed


@access.needs(Permission.DESK_OPEN, recently=True, stash=stash_typed(*CALL), if_gone=to_desk_person)
@for_forms
def open_activation(request: SignedInRequest, number: int) -> HttpResponse:
    return open_case(request, number, CaseKind.ACTIVATION)
