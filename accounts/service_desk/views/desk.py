"""The service desk's start page, and its lists. It shows nothing about patients."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from accounts.models.people import Practice, User
from accounts.models.service_desk import resets_by_day, unsent_mails
from accounts.roles import Permission
from accounts.service_desk.forms import FindForm
from accounts.service_desk.views.desk_lists import LISTS, part
from accounts.web import access
from accounts.web.access import SignedInRequest
from accounts.web.pages import for_forms, form_page, posted


@access.needs(Permission.DESK_OPEN)
@for_forms
def desk(request: SignedInRequest) -> HttpResponse:
    now = request.actor.now
    form = FindForm(posted(request))
    if form.is_valid():
        if found := _find(form.cleaned_data["who"]):
            return found
        form.add_error("who", "No practice has this ODS code, and nobody has this username")
    context: dict[str, Any] = {
        "lists": {name: part(name, "", now=now) for name in LISTS},
        "headings": {name: each.heading for name, each in LISTS.items()},
        "days": resets_by_day(today=request.actor.today),
        "unsent": unsent_mails(now=now).count(),
    }
    return form_page(request, "accounts/service_desk/desk.html", form, **context)


def _find(who: str) -> HttpResponse | None:
    if practice := Practice.with_code(who):
        return redirect("accounts:desk-practice", number=practice.pk)
    if user := User.with_name(who):
        return redirect("accounts:desk-person", number=user.pk)
    return None


@access.needs(Permission.DESK_OPEN)
@require_safe
def desk_list(request: SignedInRequest, name: str) -> HttpResponse:
    page = part(name, request.GET.get("page", ""), now=request.actor.now)
    context = {"name": name, "heading": LISTS[name].heading, "page": page}
    return render(request, "accounts/service_desk/desk_list.html", context)
