"""Open a case: make practice administrator."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect

from accounts import errors
from accounts.models.people import Membership, Practice
from accounts.people import new_accounts
from accounts.people.forms import DETAILS
from accounts.roles import Permission, Role
from accounts.service_desk import cases, presenters, rules
from accounts.service_desk.forms import CALL, AdministratorForm, CallForm
from accounts.service_desk.views.cases import to_case
from accounts.web import access
from accounts.web.access import SignedInRequest
from accounts.web.pages import for_forms, form_page, posted, refusals_beside
from accounts.web.stash import stash_typed, stashed


@access.needs(Permission.DESK_OPEN, recently=True, stash=stash_typed(*DETAILS, *CALL))
@for_forms
def new_administrator(request: SignedInRequest, number: int) -> HttpResponse:
    practice = get_object_or_404(Practice, pk=number)
    form = AdministratorForm(posted(request), practice=practice, initial=stashed(request))
    person = None
    if form.is_valid():
        person = new_accounts.NewPerson(**form.details, role=Role.PRACTICE_ADMINISTRATOR)
    return _ask_for_administrator(request, form, practice, person)


@access.needs(Permission.DESK_OPEN, recently=True, stash=stash_typed(*CALL))
@for_forms
def promote(request: SignedInRequest, number: int) -> HttpResponse:
    rows = Membership.objects.select_related("user", "practice").exclude(practice=None)
    member = get_object_or_404(rows, pk=number)
    practice = member.own_practice
    form = CallForm(posted(request), practice=practice, initial=stashed(request))
    person = member if form.is_valid() else None
    return _ask_for_administrator(request, form, practice, person, member=member)


def _ask_for_administrator(
    request: SignedInRequest,
    form: CallForm,
    practice: Practice,
    person: new_accounts.NewPerson | Membership | None,
    *,
    member: Membership | None = None,
) -> HttpResponse:
    now, denied = request.actor.now, ""
    with refusals_beside(form, None):
        try:
            rules.check_needs_administrator(practice, now=now)
            rules.check_number_on_record(practice)
            if person:
                case = cases.ask_for_administrator(practice, person, form.call, request.actor)
                return to_case(case.pk, "opened")
        except errors.Denied as error:
            denied = str(error)
        except errors.Gone:
            return redirect("accounts:desk-practice", number=practice.pk)
    return form_page(
        request,
        "accounts/service_desk/ask_for_administrator.html",
        form,
        denied=denied,
        practice=practice,
        member=member,
        on_record=presenters.on_record(practice, now=now),
    )
