"""Change a member's name, job role or e-mail address."""

from django.http import HttpResponse

from accounts.people import colleagues
from accounts.people.forms import DETAILS, DetailsForm
from accounts.people.views.invite import invited
from accounts.people.views.people import find, to_person, why_not
from accounts.roles import Permission
from accounts.web import access
from accounts.web.access import SignedInRequest
from accounts.web.pages import for_forms, form_page, posted, refusals_beside
from accounts.web.stash import stash_typed, stashed


@access.needs(
    Permission.PEOPLE_MANAGE, recently=True, stash=stash_typed(*DETAILS), if_gone=to_person
)
@for_forms
def details(request: SignedInRequest, number: int) -> HttpResponse:
    member = find(request, number)
    user = member.user
    initial = {name: getattr(user, name) for name in DETAILS} | stashed(request)
    form = DetailsForm(posted(request), initial=initial)
    if form.is_valid():
        with refusals_beside(form, "email"):
            code = colleagues.change_details(
                number, colleagues.AccountDetails(**form.details), request.actor
            )
            if not code:
                return to_person(number, "changed")
            user.refresh_from_db()
            return invited(request, user, code)
    why = why_not(member)
    return form_page(
        request, "accounts/people/details.html", form, member=member, person=user, why_not=why
    )
