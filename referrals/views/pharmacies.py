"""Pharmacies to choose from: the practice's usual ones, and a search."""

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django import forms
from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_POST

from accounts import errors
from accounts.models.people import Membership
from accounts.prepared import Given, Prepared
from accounts.roles import Permission
from accounts.web import access, flash
from accounts.web.access import SignedInRequest
from accounts.web.pages import for_forms, refusals_beside
from referrals import presenters, usual_pharmacies
from referrals.models import referrals
from referrals.models.pharmacies import Pharmacy, Seeker, UsualPharmacy
from referrals.models.referrals import Referral
from referrals.views.flash import USUAL_PHARMACIES
from referrals.views.settings import picked_by

HERE = "practice:usual"


# Each a button, whose value is a pharmacy's ODS code.
ACTIONS = ("add", "remove", "up", "down", "full", "not-full")


@access.needs(Permission.PRACTICE_MANAGE, recently=True)
@for_forms
def usual(request: SignedInRequest) -> HttpResponse:
    denied = forms.Form({})
    action = next((each for each in ACTIONS if each in request.POST), "")
    if action:
        try:
            with refusals_beside(denied, None):
                _do(request, action)
                return flash.redirect_to(HERE, action)
        except (referrals.StaleError, errors.Gone):
            return flash.redirect_to(HERE, "again")
    return _page(request, denied)


def _do(request: SignedInRequest, action: str) -> None:
    ods_code = request.POST[action].replace("\x00", "")
    if action == "add":
        usual_pharmacies.add_usual(ods_code, request.actor)
    elif action == "remove":
        usual_pharmacies.remove_usual(ods_code, request.actor)
    elif action == "full":
        usual_pharmacies.note_full(ods_code, request.actor)
    elif action == "not-full":
        usual_pharmacies.note_not_full(ods_code, request.actor)
    else:
        seen = request.POST.get("seen", "").split()
        is_up = action == "up"
        usual_pharmacies.move_usual(ods_code, is_up=is_up, seen=seen, actor=request.actor)


def _page(request: SignedInRequest, denied: forms.Form) -> HttpResponse:
    practice = request.signed_in.membership.own_practice
    picked, seeker = picked_by(practice), Seeker(timezone.now(), practice)
    search = search_in(request.POST)
    matched = matching(search, request.POST, seeker)
    codes = {each.ods_code for each in picked}
    today = seeker.values["today"]
    full = Pharmacy.objects.filter(fulltoday__practice=practice, fulltoday__on=today)
    context = {
        "form": denied,
        "flash": flash.message(request, USUAL_PHARMACIES),
        "picked": picked,
        "codes": codes,
        "full_today": full.order_by("name", "pk"),
        "most": UsualPharmacy.MOST,
        "search": search,
        "found": presenters.picked(matched.shown, now=seeker.now),
        "count": len(matched.shown),
        "has_more": matched.count > len(matched.shown),
        "nowhere_near": presenters.nowhere_near(matched.shown),
        "matched": matched,
    }
    return render(
        request, "referrals/usual_pharmacies.html", context, status=422 if denied.errors else 200
    )


USUAL_FOR = timedelta(days=90)


ANYBODYS = Prepared(lambda: Referral.objects.filter(pk=Given("id")))


@access.needs(Permission.REFERRAL_SEND, by_script=True)
@require_POST
def pharmacies(request: SignedInRequest) -> HttpResponse:
    """The radio buttons for a search, while the user types it."""
    chosen = request.POST.get("pharmacy", "")
    context = pharmacies_to_choose(request.signed_in.membership, chosen, request.POST)
    return render(request, "referrals/pharmacies_answer.html", context)


def search_in(typed: QueryDict) -> str:
    return " ".join(typed.get("search", "").replace("\x00", "").split())[: Pharmacy.LONGEST_SEARCH]


@dataclass(frozen=True)
class Found:
    shown: list[Pharmacy]
    count: int  # of all that were found

    @property
    def more(self) -> int:
        """How many to ask for next; 0 where there are no more, or too many."""
        wanted = len(self.shown) + Pharmacy.MANY
        return wanted if self.count > len(self.shown) and wanted <= Pharmacy.MOST_SHOWN else 0


def matching(search: str, typed: QueryDict, seeker: Seeker) -> Found:
    if not search:
        return Found([], 0)
    asked = typed.get("find", "")
    wanted = int(asked) if re.fullmatch("[0-9]{1,3}", asked, re.ASCII) else 0
    upto = min(max(wanted, Pharmacy.MANY), Pharmacy.MOST_SHOWN)
    everything = Pharmacy.objects.offered().matching(search)
    found = list(everything.best_first(search, seeker)[: upto + 1])
    count = everything.count() if len(found) > upto else len(found)
    return Found(found[:upto], count)


def pharmacies_to_choose(
    person: Membership,
    chosen: str,
    typed: QueryDict,
    *,
    known: Pharmacy | None = None,
    postcode: str | None = None,
) -> dict[str, Any]:
    """The usual ones, those found, and the chosen one, which is ``known`` if just looked up.

    Args:
        postcode: the patient's, if it is not the one in ``typed``.
    """
    there = typed.get("postcode", "") if postcode is None else postcode
    seeker = Seeker(timezone.now(), person.own_practice, there[: Pharmacy.LONGEST_POSTCODE])
    search = search_in(typed)
    matched = matching(search, typed, seeker)
    usual = Pharmacy.usual_for(seeker, since=seeker.now - USUAL_FOR)
    first = []
    if chosen and chosen not in {pharmacy.ods_code for pharmacy in (*matched.shown, *usual)}:
        # Keep the chosen one in sight, since it is what will be sent.
        is_known = known is not None and known.ods_code == chosen
        first = list(filter(None, [known if is_known else Pharmacy.find(chosen[:10], seeker)]))
    return {
        "found": presenters.choices([*first, *matched.shown], now=seeker.now),
        "usual": presenters.choices(usual, now=seeker.now),
        "measured_from": next(map(presenters.measured_from, usual), ""),
        "chosen": chosen,
        "search": search,
        "count": len(matched.shown),
        "has_more": matched.count > len(matched.shown),
        "nowhere_near": presenters.nowhere_near(matched.shown),
        "matched": matched,
    }
