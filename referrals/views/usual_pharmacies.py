"""The pharmacies that a practice has picked: found, added, removed and put in order."""

from django import forms
from django.http import HttpResponse
from django.shortcuts import render

from accounts import errors
from accounts.roles import Permission
from accounts.web import access
from accounts.web.access import SignedInRequest
from accounts.web.pages import for_forms
from referrals import actions, presenters
from referrals.models.pharmacies import UsualPharmacy
from referrals.views.edit import matching, search_in
from referrals.views.settings import picked_by, practice_of, to

HERE = "practice:usual"
DEEDS = ("add", "remove", "up", "down")  # each a button, whose value is a pharmacy's ODS code
NEWS = {
    "again": "Somebody else has changed the list meanwhile. This is how it is now.",
    "add": "The pharmacy is added, at the end of the list.",
    "remove": "The pharmacy is removed from the list. It can still be found in a referral.",
    "up": "The pharmacy is moved up.",
    "down": "The pharmacy is moved down.",
}


@access.needs(Permission.PRACTICE_MANAGE, recently=True)
@for_forms
def usual(request: SignedInRequest) -> HttpResponse:
    """Show them, what a search has found, and do what is asked."""
    denied = forms.Form({})
    deed = next((each for each in DEEDS if each in request.POST), "")
    if deed:
        try:
            _do(request, deed)
        except actions.DeniedError as error:
            denied.add_error(None, str(error))
        except (actions.StaleError, errors.GoneError):
            return to(HERE, "again")
        else:
            return to(HERE, deed)
    return _page(request, denied)


def _do(request: SignedInRequest, deed: str) -> None:
    ods_code = request.POST[deed].replace("\x00", "")
    if deed == "add":
        actions.add_usual(ods_code, request.actor)
    elif deed == "remove":
        actions.remove_usual(ods_code, request.actor)
    else:
        seen = request.POST.get("seen", "").split()
        is_up = deed == "up"
        actions.move_usual(ods_code, is_up=is_up, seen=seen, actor=request.actor)


def _page(request: SignedInRequest, denied: forms.Form) -> HttpResponse:
    picked = picked_by(practice_of(request))
    search = search_in(request.POST)
    matched = matching(search, request.POST)
    codes = {each.ods_code for each in picked}
    context = {
        "form": denied,
        "news": NEWS.get(request.GET.get("because", ""), ""),
        "picked": picked,
        "codes": codes,
        "most": UsualPharmacy.MOST,
        "search": search,
        "found": presenters.choices(matched.shown),
        "count": len(matched.shown),
        "has_more": matched.count > len(matched.shown),
        "matched": matched,
    }
    return render(request, "practice/usual.html", context, status=422 if denied.errors else 200)
