"""Cases of the service desk: opened, looked at by somebody else, carried out."""

from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts import errors
from accounts.actor import Actor
from accounts.models.cases import Case, Kind
from accounts.models.people import Membership, Practice, User
from accounts.people import account_rules, new_accounts
from accounts.roles import Permission, Role
from accounts.service_desk import cases, presenters, rules
from accounts.service_desk.forms import AdministratorForm, CallForm, CarryOutForm
from accounts.web import access
from accounts.web.access import SignedInRequest
from accounts.web.pages import for_forms, form_page, posted
from accounts.web.stash import keep_typed, kept

CALL = ("ticket", "caller", "reason")
DETAILS = ("given_name", "family_name", "email", "job_role")
NEWS = {
    "again": "That was done or changed by somebody else meanwhile. This is how it is now.",
    "approved": "You have approved it. Whoever calls them back can carry it out now.",
    "opened": "The case is open. The person and their administrators are told.",
    "refused": "The case is ended. Nothing was changed.",
}


def find(number: int) -> Case:
    """Return a case with what its pages need."""
    related = ("person", "practice", "by", "approved_by", "ended_by")
    found = Case.objects.select_related(*related).filter(pk=number).first()
    if found is None:
        raise Http404
    return found


def _on_record(found: Case, *, now: datetime) -> presenters.OnRecord | None:
    return presenters.on_record(found.practice, now=now) if found.practice else None


def to_case(number: int, because: str) -> HttpResponseRedirect:
    """Lead to a case, whose page says what has been done."""
    address = reverse("accounts:case", kwargs={"number": number})
    return HttpResponseRedirect(f"{address}?because={because}")


def _call(form: CallForm) -> cases.Call:
    return cases.Call(**{name: form.cleaned_data[name] for name in CALL})


def done(request: SignedInRequest, case: Case, code: str) -> HttpResponse:
    """Show that a case was carried out, and its code: here, once, and nowhere else."""
    now = timezone.now()
    context = {"told": presenters.case(case, now=now), "case": case, "code": code}
    return render(request, "accounts/service_desk/case_done.html", context)


def _open(request: SignedInRequest, number: int, kind: Kind) -> HttpResponse:
    """Ask for the call, then do it, or say who has to look at it first."""
    user, now, session = get_object_or_404(User, pk=number), timezone.now(), request.signed_in
    ready_at = account_rules.ready_at(user, kind, since=now)
    works_at = user.works_at(today=timezone.localdate(now))
    practice = account_rules.called_back_at(works_at)
    form = CallForm(posted(request), practice=practice, initial=kept(request, session.user_id))
    denied = _why_not(user, kind, practice, request.actor)
    if form.is_valid() and not denied:
        try:
            case, code = cases.open_case(number, kind, _call(form), request.actor)
        except errors.DeniedError as error:
            denied = str(error)
        except errors.GoneError:
            return redirect("accounts:desk-person", number=number)
        else:
            is_waiting = case.is_waiting(now=now)
            return to_case(case.pk, "opened") if is_waiting else done(request, case, code)
    response = form_page(
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
        is_mailed=kind is Kind.ACTIVATION and user.is_new,
        denied=denied,
    )
    if denied and request.method == "POST":
        response.status_code = 422
    return response


def _why_not(user: User, kind: Kind, practice: Practice | None, actor: Actor) -> str:
    try:
        account_rules.check_can_help(user, kind, actor)
        rules.check_number_on_record(practice)
    except errors.DeniedError as error:
        return str(error)
    return ""


@access.needs(Permission.DESK_OPEN, recently=True, keep=keep_typed(*CALL))
@for_forms
def reset(request: SignedInRequest, number: int) -> HttpResponse:
    """Open a case that resets somebody's authenticator."""
    return _open(request, number, Kind.RESET)


@access.needs(Permission.DESK_OPEN, recently=True, keep=keep_typed(*CALL))
@for_forms
def activation(request: SignedInRequest, number: int) -> HttpResponse:
    """Open a case that gives somebody a new activation code."""
    return _open(request, number, Kind.ACTIVATION)


@access.needs(Permission.DESK_OPEN, recently=True, keep=keep_typed(*CALL))
@for_forms
def unlock(request: SignedInRequest, number: int) -> HttpResponse:
    """Open a case that unlocks somebody."""
    return _open(request, number, Kind.UNLOCK)


@access.needs(Permission.DESK_OPEN, recently=True, keep=keep_typed(*DETAILS, *CALL))
@for_forms
def administrator(request: SignedInRequest, number: int) -> HttpResponse:
    """Open a case that makes somebody new the administrator of a practice."""
    practice, session = get_object_or_404(Practice, pk=number), request.signed_in
    initial = kept(request, session.user_id)
    form = AdministratorForm(posted(request), practice=practice, initial=initial)
    person = None
    if form.is_valid():
        details = {name: form.cleaned_data[name] for name in DETAILS}
        person = new_accounts.NewPerson(**details, role=Role.PRACTICE_ADMINISTRATOR)
    return _ask_for_administrator(request, form, practice, person)


@access.needs(Permission.DESK_OPEN, recently=True, keep=keep_typed(*CALL))
@for_forms
def promote(request: SignedInRequest, number: int) -> HttpResponse:
    """Open a case that makes one of a practice's people its administrator."""
    rows = Membership.objects.select_related("user", "practice").exclude(practice=None)
    member, session = get_object_or_404(rows, pk=number), request.signed_in
    practice = member.practice
    assert practice  # noqa: S101  others are left out
    form = CallForm(posted(request), practice=practice, initial=kept(request, session.user_id))
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
    """Open the case if everything was filled in, else show the form."""
    now, denied = timezone.now(), ""
    try:
        rules.check_needs_administrator(practice, now=now)
        rules.check_number_on_record(practice)
        if person:
            case = cases.ask_for_administrator(practice, person, _call(form), request.actor)
            return to_case(case.pk, "opened")
    except errors.DeniedError as error:
        denied = str(error)
    except errors.GoneError:
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


@access.needs(Permission.DESK_OPEN)
@require_safe
def case(request: SignedInRequest, number: int) -> HttpResponse:
    """Show a case, and what it waits for."""
    found, now, by = find(number), timezone.now(), request.signed_in.user
    context = {
        "news": NEWS.get(request.GET.get("because", ""), ""),
        "case": found,
        "told": presenters.case(found, now=now),
        "on_record": _on_record(found, now=now),
        "is_own": found.by_id == by.pk,
        "is_about_self": found.person_id == by.pk,
    }
    return render(request, "accounts/service_desk/case.html", context)


def _decide(
    request: SignedInRequest, number: int, act: Any, because: str, **words: str
) -> HttpResponse:
    """Ask whether they are sure, then do it."""
    found, denied = find(number), ""
    if request.method == "POST":
        try:
            act(number, request.actor)
        except errors.DeniedError as error:
            denied = str(error)
        except errors.GoneError:
            return to_case(number, "again")
        else:
            return to_case(number, because)
    now = timezone.now()
    context: dict[str, Any] = {"case": found, "denied": denied, **words}
    context["told"] = presenters.case(found, now=now)
    context["on_record"] = _on_record(found, now=now)
    return render(
        request, "accounts/service_desk/decide.html", context, status=422 if denied else 200
    )


@access.needs(Permission.DESK_OPEN, recently=True)
@for_forms
def approve(request: SignedInRequest, number: int) -> HttpResponse:
    """Approve a colleague's case."""
    text = (
        "It can be carried out at once then. Look at who called, and on what number they were "
        "called back, as if you had taken the call yourself."
    )
    words = {"title": "Approve this case?", "text": text, "button": "Approve"}
    return _decide(request, number, cases.approve, "approved", **words)


@access.needs(Permission.DESK_OPEN, recently=True)
@for_forms
def refuse(request: SignedInRequest, number: int) -> HttpResponse:
    """End a case without doing what it asks for."""
    text = "Nothing is changed for the person. To do it after all, open another case."
    words = {"title": "End this case?", "text": text, "button": "End the case"}
    return _decide(request, number, cases.refuse, "refused", **words)


@access.needs(Permission.DESK_OPEN, recently=True)
@for_forms
def carry_out(request: SignedInRequest, number: int) -> HttpResponse:
    """Do what a case asks for while the caller is on the phone, and show the code once."""
    found, now, denied = find(number), timezone.now(), ""
    form = CarryOutForm(posted(request), practice=found.practice)
    if form.is_valid():
        try:
            made, code = cases.carry_out(number, request.actor)
        except errors.DeniedError as error:
            denied = str(error)
        except ValidationError as error:
            denied = " ".join(error.messages)
        except errors.GoneError:
            return to_case(number, "again")
        else:
            return done(request, made, code)
    told = presenters.case(found, now=now)
    context = {"case": found, "told": told, "on_record": _on_record(found, now=now)}
    context["denied"] = denied
    response = form_page(request, "accounts/service_desk/carry_out.html", form, **context)
    if denied and request.method == "POST":
        response.status_code = 422
    return response
