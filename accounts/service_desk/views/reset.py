"""Reset a member's authenticator, as their administrator."""

from django.conf import settings
from django.http import Http404, HttpResponse
from django.shortcuts import render

from accounts import errors
from accounts.errors import why_denied
from accounts.people import colleagues
from accounts.people.views.people import find, to_person
from accounts.roles import Permission
from accounts.service_desk import cases
from accounts.service_desk.forms import ColleagueForm
from accounts.web import access
from accounts.web.access import SignedInRequest
from accounts.web.pages import for_forms, form_page, posted
from accounts.web.stash import stash_typed, stashed


@access.needs(
    Permission.PEOPLE_MANAGE, recently=True, stash=stash_typed("reason"), if_gone=to_person
)
@for_forms
def reset_colleague(request: SignedInRequest, number: int) -> HttpResponse:
    if not settings.PRACTICES_RESET:
        raise Http404
    member, denied = find(request, number), ""
    name, initial = member.user.full_name, stashed(request)
    form = ColleagueForm(posted(request), name=name, initial=initial)
    if form.is_valid():
        reason = form.cleaned_data["reason"]
        try:
            code = cases.reset_colleague(number, reason, request.actor)
        except errors.Denied as error:
            denied = str(error)
        else:
            context = {"member": member, "person": member.user, "code": code}
            return render(request, "accounts/service_desk/colleague_reset.html", context)
    denied = denied or why_denied(colleagues.check_can_reset_colleague, member, request.actor)
    return form_page(
        request,
        "accounts/service_desk/reset_colleague.html",
        form,
        member=member,
        person=member.user,
        denied=denied,
    )
