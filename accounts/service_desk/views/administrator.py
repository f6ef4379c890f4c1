"""Open a case: make practice administrator."""

from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone

from accounts import errors
from accounts.models.people import Membership, Practice
from accounts.people import new_accounts
from accounts.roles import Permission, Role
from accounts.service_desk import cases, presenters, rules
from accounts.service_desk.forms import AdministratorForm, CallForm
from accounts.service_desk.views.cases import to_case
from accounts.service_desk.views.open_case import CALL, call_in
from accounts.web import access
from accounts.web.access import SignedInRequest
from accounts.web.pages import for_forms, form_page, posted
from accounts.web.stash import stash_typed, stashed

DETAILS = ("given_name", "family_name", "email", "job_role")


@access.needs(Permission.DESK_OPEN, recently=True, stash=stash_typed(*DETAILS, *CALL))
@for_forms
def new_administrator(request: SignedInRequest, number: int) -> HttpResponse:
    practice, session = get_object_or_404(Practice, pk=number), request.signed_in
    initial = stashed(request, session.user_id)
    form = AdministratorForm(posted(request), practice=practice, initial=initial)
    person = None
    if form.is_valid():
        details = {name: form.cleaned_data[name] for name in DETAILS}
        person = new_accounts.NewPerson(**details, role=Role.PRACTICE_ADMINISTRATOR)
    return _ask_for_administrator(request, form, practice, person)


@access.needs(Permission.DESK_OPEN, recently=True, stash=stash_typed(*CALL))
@for_forms
def promote(request: SignedInRequest, number: int) -> HttpResponse:
    rows = Membership.objects.select_related("user", "practice").exclude(practice=None)
    member, session = get_object_or_404(rows, pk=number), request.signed_in
    practice = member.practice
    assert practice  # noqa: S101  others are left out
    form = CallForm(posted(request), practice=practice, initial=stashed(request, session.user_id))
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
    now, denied = timezone.now(), ""
    try:
        rules.check_needs_administrator(practice, now=now)
        rules.check_number_on_record(practice)
        if person:
            case = cases.ask_for_administrator(practice, person, call_in(form), request.actor)
            return to_case(case.pk, "opened")
    except errors.Denied as error:
        denied = str(error)
    except errors.Gone:
        return redirect("accounts:desk-practice", number=practice.pk)
    except ValidationError as error:
        _refuse(form, error)
    context: dict[str, Any] = {"practice": practice, "member": member, "denied": denied}
    context["on_record"] = presenters.on_record(practice, now=now)
    response = form_page(
        request, "accounts/service_desk/ask_for_administrator.html", form, **context
    )
    if denied and request.method == "POST":
        response.status_code = 422
    return response


def _refuse(form: CallForm, error: ValidationError) -> None:
    assert isinstance(form, AdministratorForm)  # noqa: S101  only details can be refused
    form.refuse(error)
