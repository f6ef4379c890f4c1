"""Reset a member's authenticator: as their administrator, or by a case."""

from django.conf import settings
from django.http import Http404, HttpResponse
from django.shortcuts import render

from accounts import errors
from accounts.actor import Actor
from accounts.models.cases import CaseKind
from accounts.models.people import Membership
from accounts.people import colleagues
from accounts.people.views.people import find, to_person
from accounts.roles import Permission
from accounts.service_desk import cases
from accounts.service_desk.forms import ColleagueForm
from accounts.service_desk.views.open_case import CALL, open_case
from accounts.web import access
from accounts.web.access import SignedInRequest
from accounts.web.pages import for_forms, form_page, posted
from accounts.web.stash import stash_typed, stashed


def why_not_reset(member: Membership, actor: Actor) -> str:
    try:
        colleagues.check_can_reset_colleague(member, actor)
    except errors.Denied as error:
        return str(error)
    return ""


@access.needs(Permission.PEOPLE_MANAGE, recently=True, stash=stash_typed("reason"))
@for_forms
def reset_colleague(request: SignedInRequest, number: int) -> HttpResponse:
    if not settings.PRACTICES_RESET:
        raise Http404
    member, session = find(request, number), request.signed_in
    initial, name = stashed(request, session.user_id), member.user.full_name
    form, denied = ColleagueForm(posted(request), name=name, initial=initial), ""
    if form.is_valid():
        reason = form.cleaned_data["reason"]
        try:
            code = cases.reset_colleague(number, reason, request.actor)
        except errors.Denied as error:
            denied = str(error)
        except errors.Gone:
            return to_person(number, "again")
        else:
            context = {"member": member, "person": member.user, "code": code}
            return render(request, "accounts/service_desk/colleague_reset.html", context)
    denied = denied or why_not_reset(member, request.actor)
    response = form_page(
        request,
        "accounts/service_desk/reset_colleague.html",
        form,
        member=member,
        person=member.user,
        denied=denied,
    )
    if denied and request.method == "POST":
        response.status_code = 422
    return response


@access.needs(Permission.DESK_OPEN, recently=True, stash=stash_typed(*CALL))
@for_forms
def open_reset(request: SignedInRequest, number: int) -> HttpResponse:
    return open_case(request, number, CaseKind.RESET)
