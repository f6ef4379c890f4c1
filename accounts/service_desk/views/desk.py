"""What the service desk sees: its region, a practice, a person. Of patients it sees nothing."""

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts import errors
from accounts.actor import Actor
from accounts.models.audit import AuditEvent, Event
from accounts.models.cases import Case, Kind
from accounts.models.people import Practice, User, fold_user_name
from accounts.models.practice_people import people_of
from accounts.models.service_desk import resets_by_day, unsent_mails
from accounts.people import account_rules, presenters
from accounts.people.views.people import unsent_to
from accounts.roles import Permission
from accounts.service_desk import presenters as service_desk_presenters
from accounts.service_desk import rules
from accounts.service_desk.forms import FindForm
from accounts.service_desk.views.desk_lists import LISTS, part
from accounts.text import clean_text
from accounts.web import access
from accounts.web.access import SignedInRequest
from accounts.web.pages import for_forms, form_page, posted
from accounts.web.paging import PER_PAGE, numbered, page_of

REFUSALS_PER_PAGE = 20


@access.needs(Permission.DESK_OPEN)
@for_forms
def desk(request: SignedInRequest) -> HttpResponse:
    """Show what needs somebody, and look for a practice or person."""
    now = timezone.now()
    today = timezone.localdate(now)
    form = FindForm(posted(request))
    if form.is_valid():
        if found := _find(form.cleaned_data["who"]):
            return found
        message = "No practice has this ODS code, and nobody has this user name"
        form.add_error("who", message)
    context = {
        "lists": {name: part(name, "", now=now) for name in LISTS},
        "headings": {name: each.heading for name, each in LISTS.items()},
        "days": resets_by_day(today=today),
        "unsent": unsent_mails(now=now).count(),
    }
    return form_page(request, "accounts/service_desk/desk.html", form, **context)


def _find(who: str) -> HttpResponse | None:
    """Lead to a practice by its code or to a person by their user name, if there is one."""
    if practice := Practice.objects.filter(ods_code=clean_text.code(who).upper()).first():
        return redirect("accounts:desk-practice", number=practice.pk)
    if user := User.objects.filter(email=fold_user_name(who)).first():
        return redirect("accounts:desk-person", number=user.pk)
    return None


@access.needs(Permission.DESK_OPEN)
@require_safe
def emails(request: SignedInRequest) -> HttpResponse:
    """Show to whom an e-mail has not gone out, the longest first, and why."""
    now = timezone.now()
    found = unsent_mails(now=now)
    count = found.count()
    page, pages = numbered(request.GET.get("page", ""), count)
    shown = list(found[(page - 1) * PER_PAGE : page * PER_PAGE])
    people = User.objects.in_bulk({each.person for each in shown if each.person})
    places = Practice.objects.in_bulk({each.place for each in shown if each.place})
    context = {
        "rows": [
            (people.get(each.person), places.get(each.place), presenters.unsent(each, now=now))
            for each in shown
        ],
        "count": count,
        "page": page,
        "pages": pages,
    }
    return render(request, "accounts/service_desk/emails.html", context)


@access.needs(Permission.DESK_OPEN)
@require_safe
def practice(request: SignedInRequest, number: int) -> HttpResponse:
    """Show a practice: its number on record, and its people."""
    found, now = get_object_or_404(Practice, pk=number), timezone.now()
    people = people_of(found.pk, today=timezone.localdate(now))
    count = people.count()
    page, pages = numbered(request.GET.get("page", ""), count)
    shown = people[(page - 1) * PER_PAGE : page * PER_PAGE]
    context = {
        "practice": found,
        "on_record": service_desk_presenters.on_record(found, now=now),
        "people": [(each.user_id, presenters.person(each, now=now)) for each in shown],
        "count": count,
        "page": page,
        "pages": pages,
        "why_not": _why_no_administrator(found),
    }
    return render(request, "accounts/service_desk/desk_practice.html", context)


def _why_no_administrator(found: Practice) -> str:
    try:
        rules.check_needs_administrator(found, now=timezone.now())
    except errors.DeniedError as error:
        return str(error)
    return ""


@access.needs(Permission.DESK_OPEN)
@require_safe
def person(request: SignedInRequest, number: int) -> HttpResponse:
    """Show somebody's account, why codes were refused lately, and what can be done."""
    user, now = User.objects.filter(pk=number).first(), timezone.now()
    if user is None:
        raise Http404
    works_at = user.works_at(today=timezone.localdate(now))
    home = account_rules.called_back_at(works_at)
    refusals = AuditEvent.objects.filter(person=user, event=Event.FACTOR_REFUSED)
    cases = Case.objects.filter(person=user).select_related("person", "practice", "by")
    context = {
        "person": service_desk_presenters.account(user, works_at.live, now=now),
        "home": home,
        "is_home": works_at.home is not None,
        "on_record": service_desk_presenters.on_record(home, now=now) if home else None,
        "unsent": unsent_to(user, now=now),
        "apps": user.authenticators.filter(confirmed=True).count(),
        "passkeys": user.passkeys.usable().count(),
        "refusals": page_of(
            refusals, ("-pk",), request.GET.get("refusals", ""), per_page=REFUSALS_PER_PAGE
        ).map(lambda each: service_desk_presenters.refused(each, now=now)),
        "cases": page_of(cases, ("-pk",), request.GET.get("cases", "")).map(
            lambda each: service_desk_presenters.case(each, now=now)
        ),
        "choices": _choices(user, request.actor),
    }
    return render(request, "accounts/service_desk/desk_person.html", context)


def _choices(user: User, actor: Actor) -> list[dict[str, Any]]:
    """Return what can be done for somebody, and of what cannot be done why."""
    found = []
    for kind in (Kind.RESET, Kind.ACTIVATION, Kind.UNLOCK):
        choice = {"label": kind.label, "route": f"accounts:open-{kind.value}", "why_not": ""}
        try:
            account_rules.check_can_help(user, kind, actor)
        except errors.DeniedError as error:
            choice["why_not"] = str(error)
        found.append(choice)
    return found
