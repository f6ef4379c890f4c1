"""Let many people into the practice at once: first say what would happen, then do it."""

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from accounts import access, actions, rosters
from accounts.access import SignedInRequest
from accounts.roles import Permission
from accounts.roster_form import Roster, RosterForm
from accounts.views.kept import keep_typed, kept
from accounts.views.page import for_forms, form_page, posted
from accounts.views.people import is_closed, to_people

MOST_SHOWN = 100


@access.needs(Permission.PEOPLE_MANAGE, recently=True, for_long=True, keep=keep_typed("people"))
@for_forms
def invite_many(request: SignedInRequest) -> HttpResponse:
    """Check a list; invite everybody in it once it is as it was when it was checked."""
    if request.method != "POST" and is_closed(request):
        return redirect("accounts:people")  # which says why
    session, now = request.signed_in, timezone.now()
    form = RosterForm(
        posted(request),
        request.FILES if request.method == "POST" else None,
        initial=kept(request, session.user_id),
        today=timezone.localdate(now),
        is_cut=_is_cut(request),
    )
    if not form.is_valid():
        return _page(request, form)
    roster, by = form.roster(), session.membership
    is_checked = request.POST.get("checked") == form.digest
    if "invite" in request.POST and is_checked and not roster.faults:
        try:
            actions.add_many(roster.people, by=by, origin=request.origin, now=now)
        except actions.RefusedError as error:
            return _page(request, form, roster, error.outlook)
        except actions.GoneError:
            return to_people("again")
        return to_people("invited")
    assert by.practice  # noqa: S101  whose role has the permission is in one
    outlook = actions.look_ahead(roster.people, practice=by.practice, now=now)
    is_other = "invite" in request.POST and not is_checked
    return _page(request, form, roster, outlook, is_other=is_other)


def _is_cut(request: SignedInRequest) -> bool:
    """Say whether so much was sent that a file in it was not taken."""
    length = request.META.get("CONTENT_LENGTH", "")
    return length.isdecimal() and int(length) > settings.FILE_UPLOAD_MAX_MEMORY_SIZE


def _page(
    request: SignedInRequest,
    form: RosterForm,
    roster: Roster | None = None,
    outlook: actions.Outlook | None = None,
    *,
    is_other: bool = False,
) -> HttpResponse:
    """Show the list, and what is wrong with it or what would be done."""
    faults = []
    if roster and outlook:
        roster.refuse(outlook)
        faults = roster.faults
    if faults:
        count = len({fault.line for fault in faults})
        lines = "1 line" if count == 1 else f"{count:,} lines"
        form.add_error("people", f"{lines} cannot be used. Nobody has been invited now")
    return form_page(
        request,
        "accounts/invite_many.html",
        form,
        outlook=None if faults else outlook,
        faults=faults[:MOST_SHOWN],
        count=len(faults),
        is_other=is_other,
        columns=rosters.COLUMNS.values(),
        most=rosters.MOST_PEOPLE,
    )
