"""Write a referral: one page, and what it says is kept as a draft."""

import uuid
from dataclasses import fields
from datetime import timedelta
from uuid import UUID

from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from accounts import access
from accounts.access import SignedInRequest
from accounts.models import Membership
from accounts.prepared import Given, Prepared
from accounts.roles import Permission
from accounts.views.page import for_forms, form_page, posted
from referrals import actions, presenters
from referrals.details import Details
from referrals.forms import LONGEST_COMPLAINT, ReferralForm, as_form_data
from referrals.models import Pharmacy, Referral
from referrals.states import State
from referrals.views.find import referral_address

USUAL_FOR = timedelta(days=90)
ANYBODYS = Prepared(lambda: Referral.objects.filter(pk=Given("id")))


@access.needs(Permission.REFERRAL_SEND)
@require_safe
def new(_request: SignedInRequest) -> HttpResponse:
    """Begin one: it has an address of its own at once, so that it can be made only once."""
    return redirect("referrals:edit", referral_id=uuid.uuid4())


@access.needs(Permission.REFERRAL_SEND)
@for_forms
def edit(request: SignedInRequest, referral_id: UUID) -> HttpResponse:
    """Ask for everything; "Find" searches for pharmacies and loses nothing that was typed."""
    person = request.signed_in.membership
    referral = ANYBODYS.first(id=referral_id)
    if referral and not Referral.find(referral_id, person=person):
        raise Http404
    if referral and referral.state != State.DRAFT:
        because = "changed" if request.method == "POST" else ""
        return redirect(referral_address(referral_id, because=because))
    form = _form(request, referral)
    if request.method == "POST" and form.is_valid():
        try:
            actions.save(referral_id, form.details, by=person, now=timezone.now())
        except actions.DeniedError:  # sent in another window, a moment ago
            return redirect(referral_address(referral_id, because="changed"))
        return redirect("referrals:send", referral_id=referral_id)
    return form_page(
        request,
        "referrals/edit.html",
        form,
        longest_complaint=LONGEST_COMPLAINT,
        **_pharmacies(person, str(form["pharmacy"].value() or ""), _search(request.POST)),
    )


@access.needs(Permission.REFERRAL_SEND, by_script=True)
@require_POST
def pharmacies(request: SignedInRequest) -> HttpResponse:
    """Answer a search while somebody types it: the radio buttons of the page."""
    chosen = request.POST.get("pharmacy", "")
    context = _pharmacies(request.signed_in.membership, chosen, _search(request.POST))
    return render(request, "referrals/pharmacies.html", context)


def _form(request: SignedInRequest, referral: Referral | None) -> ReferralForm:
    """Return the form with what was typed; a draft is checked, for days and pharmacies change.

    A search that nobody has seen the answer to comes first, whichever button was pressed: Enter
    in its box presses the first one.
    """
    today, typed = timezone.localdate(), posted(request)
    if typed is None:
        return ReferralForm(as_form_data(referral.details) if referral else None, today=today)
    if "find" in typed or _search(typed) != typed.get("searched", ""):
        return ReferralForm(None, today=today, begun=_as_typed(typed))
    return ReferralForm(typed, today=today)


def _as_typed(typed: QueryDict) -> Details:
    return Details(**{field.name: typed.get(field.name, "") for field in fields(Details)})


def _search(typed: QueryDict) -> str:
    return " ".join(typed.get("search", "").replace("\x00", "").split())[: Pharmacy.LONGEST_SEARCH]


def _matching(search: str) -> list[Pharmacy]:
    """Return one more than is shown, if there are more."""
    return list(Pharmacy.objects.offered().matching(search)[: Pharmacy.MANY + 1])


def _pharmacies(person: Membership, chosen: str, search: str) -> dict[str, object]:
    """Return the pharmacies to choose from: usual ones, found ones, and the one chosen."""
    assert person.practice  # noqa: S101  who may send is in one
    matching = _matching(search) if search else []
    found = matching[: Pharmacy.MANY]
    usual = [
        pharmacy
        for pharmacy in Pharmacy.usual_for(person.practice, since=timezone.now() - USUAL_FOR)
        if pharmacy not in found
    ]
    first = []
    if chosen and chosen not in {pharmacy.ods_code for pharmacy in (*found, *usual)}:
        # What is ticked stays in sight: what is ticked is what is sent.
        first = list(filter(None, [Pharmacy.find_offered(chosen)]))
    return {
        "found": presenters.choices([*first, *found]),
        "usual": presenters.choices(usual),
        "chosen": chosen,
        "search": search,
        "count": len(found),
        "has_more": len(matching) > len(found),
    }
