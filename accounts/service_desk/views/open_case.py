"""Open a case while the caller is on the phone: what the kinds' pages share."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from accounts import errors
from accounts.actor import Actor
from accounts.errors import why_denied
from accounts.models.cases import Case, CaseKind
from accounts.models.people import User
from accounts.people import account_rules
from accounts.service_desk import cases, presenters, rules
from accounts.service_desk.forms import CallForm
from accounts.service_desk.kinds import handling
from accounts.service_desk.views.cases import to_case
from accounts.web.access import SignedInRequest
from accounts.web.pages import form_page, posted
from accounts.web.stash import stashed

CALL = ("ticket", "caller", "reason")


def to_desk_person(number: int, **_flash_code: str) -> HttpResponse:
    """Lead to somebody's page at the service desk, which shows how it is now."""
    return redirect("accounts:desk-person", number=number)


def call_in(form: CallForm) -> cases.Call:
    return cases.Call(**{name: form.cleaned_data[name] for name in CALL})


def done(request: SignedInRequest, case: Case, code: str) -> HttpResponse:
    """The only page that ever shows the code."""
    now = timezone.now()
    context = {"row": presenters.case(case, now=now), "case": case, "code": code}
    return render(request, "accounts/service_desk/case_done.html", context)


def open_case(request: SignedInRequest, number: int, kind: CaseKind) -> HttpResponse:
    user, now, session = get_object_or_404(User, pk=number), timezone.now(), request.signed_in
    works_at = user.works_at(today=timezone.localdate(now))
    practice = account_rules.called_back_at(works_at)
    asked = Case(kind=kind, person=user, practice=practice)
    ready_at = handling(asked).ready_at(asked, now)
    form = CallForm(posted(request), practice=practice, initial=stashed(request, session.user_id))
    denied = _why_not(asked, request.actor)
    if form.is_valid() and not denied:
        try:
            case, code = cases.open_case(number, kind, call_in(form), request.actor)
        except errors.Denied as error:
            denied = str(error)
        else:
            is_waiting = case.is_waiting(now=now)
            return to_case(case.pk, "opened") if is_waiting else done(request, case, code)
    return form_page(
        request,
        "accounts/service_desk/open_case.html",
        form,
        kind=kind,
        person=user,
        practice=practice,
        on_record=presenters.on_record(practice, now=now) if practice else None,
        waits=ready_at != now,
        needs_second=ready_at is None,
        is_home=works_at.home is not None,
        warnings=presenters.warnings(user, now=now),
        is_mailed=kind is CaseKind.ACTIVATION and user.is_new,
        denied=denied,
    )


def _why_not(asked: Case, actor: Actor) -> str:
    why = why_denied(handling(asked).check, asked, actor)
    return why or why_denied(rules.check_number_on_record, asked.practice)
