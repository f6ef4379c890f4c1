"""Change a member's role and last day."""

from django.http import HttpResponse

from accounts.people import memberships
from accounts.people.forms import MembershipForm
from accounts.people.views.people import find, to_person
from accounts.roles import Permission, Role
from accounts.web import access
from accounts.web.access import SignedInRequest
from accounts.web.pages import for_forms, form_page, posted, refusals_beside
from accounts.web.stash import stash_typed, stashed


@access.needs(
    Permission.PEOPLE_MANAGE,
    recently=True,
    stash=stash_typed("role", "day", "month", "year"),
    if_gone=to_person,
)
@for_forms
def membership(request: SignedInRequest, number: int) -> HttpResponse:
    member = find(request, number)
    role_now = member.offered_role or member.role
    initial = MembershipForm.written(role_now, member.ends_on) | stashed(request)
    form = MembershipForm(posted(request), initial=initial, today=request.actor.today)
    if form.is_valid():
        role = Role(form.cleaned_data["role"])
        with refusals_beside(form, "role"):
            memberships.change_membership(number, role, form.ends_on, request.actor)
            is_asked = find(request, number).has_offer and role != role_now
            return to_person(number, "asked" if is_asked else "place")
    return form_page(
        request, "accounts/people/membership.html", form, member=member, person=member.user
    )
