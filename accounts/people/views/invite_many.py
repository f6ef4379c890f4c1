"""Invite many people: first say what would happen, then do it."""

from django.conf import settings
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect

from accounts.people import invitations, rosters
from accounts.people.roster_form import Planned, Roster, RosterForm
from accounts.people.views.people import is_closed, to_people
from accounts.roles import Permission, Role
from accounts.web import access
from accounts.web.access import SignedInRequest
from accounts.web.pages import for_forms, form_page, posted
from accounts.web.stash import stash_typed, stashed

ROWS = 500  # of the list, on a page
CHANGED = "You have changed the list since it was checked."
OTHERWISE = "Someone in the list has been given a login, or lost it, since the list was checked."


@access.needs(
    Permission.PEOPLE_MANAGE,
    recently=True,
    for_long=True,
    stash=stash_typed("people"),
    if_gone=to_people,
)
@for_forms
def invite_many(request: SignedInRequest) -> HttpResponse:
    if request.method != "POST" and is_closed(request):
        return redirect("accounts:people")  # which says why
    form = RosterForm(
        posted(request),
        request.FILES if request.method == "POST" else None,
        initial=stashed(request),
        today=request.actor.today,
        is_cut=_is_cut(request),
    )
    if not form.is_valid():
        return _page(request, form)
    roster, practice = form.roster(), request.signed_in.membership.own_practice
    answer = _invite(request, form, roster) if "invite" in request.POST else ""
    if not isinstance(answer, str):
        return answer
    plan = invitations.look_ahead(roster.people, practice=practice, now=request.actor.now)
    return _page(request, form, roster, plan, why=answer)


def _invite(request: SignedInRequest, form: RosterForm, roster: Roster) -> HttpResponse | str:
    """Return why the list is shown again, if it is not what the user was shown."""
    text, _, shown = request.POST.get("checked", "").partition(":")
    if text != form.digest or roster.faults:
        return CHANGED
    try:
        invitations.add_many(roster.people, shown=shown, actor=request.actor)
    except invitations.RefusedError as error:
        return _page(request, form, roster, error.plan)
    except invitations.OtherwiseError:
        return OTHERWISE
    return to_people("invited")


def _is_cut(request: SignedInRequest) -> bool:
    length = request.META.get("CONTENT_LENGTH", "")
    return length.isdecimal() and int(length) > settings.FILE_UPLOAD_MAX_MEMORY_SIZE


def _page(
    request: SignedInRequest,
    form: RosterForm,
    roster: Roster | None = None,
    plan: invitations.InvitationPlan | None = None,
    *,
    why: str = "",
) -> HttpResponse:
    planned: list[Planned] = []
    if roster and plan:
        roster.refuse(plan)
        planned = roster.planned(plan)
    wrong = sum(each.is_wrong for each in planned)
    if wrong:
        lines = "1 line" if wrong == 1 else f"{wrong:,} lines"
        form.add_error("people", f"{lines} cannot be used. Nobody has been invited yet")
    pages = Paginator(planned, ROWS)
    return form_page(
        request,
        "accounts/people/invite_many.html",
        form,
        plan=None if wrong else plan,
        page=pages.get_page(request.POST.get("page")),
        wrong=wrong,
        administrators=_administrators(roster) if roster else 0,
        why=why,
        columns=rosters.COLUMNS.values(),
        most=rosters.MOST_PEOPLE,
    )


def _administrators(roster: Roster) -> int:
    return sum(person.role == Role.PRACTICE_ADMINISTRATOR for person in roster.people)
