"""Invite a user to the practice."""

from django.http import HttpResponse
from django.shortcuts import redirect, render

from accounts.models.people import User
from accounts.people import invitations, new_accounts
from accounts.people.forms import DETAILS, InviteForm
from accounts.people.views.people import is_closed, to_people
from accounts.roles import Permission, Role
from accounts.web import access
from accounts.web.access import SignedInRequest
from accounts.web.pages import for_forms, form_page, posted, refusals_beside
from accounts.web.stash import stash_typed, stashed

FIELDS = (*DETAILS, "role", "day", "month", "year")


@access.needs(
    Permission.PEOPLE_MANAGE, recently=True, stash=stash_typed(*FIELDS), if_gone=to_people
)
@for_forms
def invite(request: SignedInRequest) -> HttpResponse:
    if request.method != "POST" and is_closed(request):
        return redirect("accounts:people")  # which says why
    initial = {"role": Role.STAFF.value, **stashed(request)}
    form = InviteForm(posted(request), initial=initial, today=request.actor.today)
    if form.is_valid():
        with refusals_beside(form, None):
            user, code = invitations.add(form.person, request.actor)
            if not code:
                return to_people("joined")
            return invited(request, user, code)
    return form_page(request, "accounts/people/invite.html", form)


def invited(request: SignedInRequest, user: User, code: str) -> HttpResponse:
    """The only page that ever shows the code."""
    is_mailed = new_accounts.may_activate_by_link(user)
    context = {"person": user, "code": code, "is_mailed": is_mailed}
    return render(request, "accounts/people/invited.html", context)
