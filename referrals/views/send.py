"""Check a referral, then send it."""

import re
from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from accounts.roles import Permission
from accounts.web import access, flash
from accounts.web.access import SignedInRequest
from accounts.web.pages import for_forms, posted, refusals_beside
from referrals import actions, presenters
from referrals.clinical.decision import TriageDecision
from referrals.clinical.packs import Pack
from referrals.completeness import decided, is_up_to_date, problems
from referrals.details import Details
from referrals.forms import SendForm
from referrals.models import referrals
from referrals.models.messages import Message
from referrals.models.referrals import Referral, being_sent
from referrals.policy import Circumstances
from referrals.states import State
from referrals.views.find import find, referral_address
from referrals.views.flash import SEND
from referrals.views.form_token import FormToken, draft_address, stash_address

_ID = re.compile("[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
LONGEST_KNOWN = 37 * Referral.MOST_EARLIER  # characters: ids with a space between them
CHANGED = "This referral was changed in another window. Check it again, then send it"


@access.needs(Permission.REFERRAL_SEND, stash=stash_address)
@for_forms
def send(request: SignedInRequest, referral_id: UUID) -> HttpResponse:
    """Send exactly what the page has shown, and once."""
    referral = find(request, referral_id)
    if referral.state != State.DRAFT:
        return _sent_already(request, referral)
    if not referral.is_complete:
        return redirect(draft_address("edit", referral_id, flash_code="unfinished"))
    now = timezone.now()
    found = actions.circumstances(referral, referral.details, at=now)
    decision = _decision(referral.details, found)
    if decision is None:
        # It was complete when it was written, but the day or the pharmacy has changed since.
        return redirect("referrals:edit", referral_id=referral_id)
    if not found.pack or not is_up_to_date(referral.details, found.pack, decision):
        return redirect(draft_address("edit", referral_id, flash_code="other-questions"))
    form = SendForm(posted(request))
    if form.is_valid() and _is_sent(request, referral, found, form):
        return redirect("referrals:referral", referral_id=referral_id)
    return _page(request, referral, found, decision, form)


def _decision(details: Details, now: Circumstances) -> TriageDecision | None:
    pharmacy, pack, today = now
    if pack is None or problems(details, today=today, pack=pack, pharmacy=pharmacy):
        return None
    return decided(details, today=today, pack=pack, pharmacy=pharmacy)


def _sent_already(request: SignedInRequest, referral: Referral) -> HttpResponse:
    """Say so where what was sent is not what this page has shown."""
    shown = request.POST.get("version", str(referral.version))
    flash_code = "changed" if shown != str(referral.version) else ""
    return redirect(referral_address(referral.pk, flash_code=flash_code))


def _is_sent(
    request: SignedInRequest, referral: Referral, now: Circumstances, form: SendForm
) -> bool:
    if request.POST.get("version") != str(referral.version):
        form.add_error(None, CHANGED)
        return False
    known = _known(request, form)
    try:
        with refusals_beside(form, None):
            actions.send(
                referral,
                referral.details,
                now=now,
                known=known,
                actor=request.actor,
            )
    except referrals.StaleError:  # pressed twice, or changed at this moment
        return True
    return form.is_valid()


def _known(request: SignedInRequest, form: SendForm) -> set[UUID]:
    # Those that the page has shown, where the user has ticked their box.
    shown = {"again": "known", "right_patient": "known_person"}
    ticked = [name for box, name in shown.items() if form.cleaned_data[box]]
    texts = [request.POST.get(name, "")[:LONGEST_KNOWN] for name in ticked]
    return {UUID(each) for text in texts for each in _ID.findall(text)}


def _page(
    request: SignedInRequest,
    referral: Referral,
    found: Circumstances,
    decision: TriageDecision,
    form: SendForm,
) -> HttpResponse:
    now, details = timezone.now(), referral.details
    assert found.pharmacy  # noqa: S101  or that is a problem
    context = {
        "form": form,
        "closing": presenters.closing(referral.practice, today=timezone.localdate(now)),
        "referral": referral,
        "flash": "" if form.is_bound else flash.message(request, SEND),
        "form_token": FormToken.open(request.signed_in, referral.pk),
        "sections": presenters.sections(details, decision, today=timezone.localdate(now)),
        "unusual": [*presenters.unusual(details, decision, found.pharmacy, now=now)],
        "pharmacy": found.pharmacy,
        "pharmacy_lines": presenters.pharmacy_lines(found.pharmacy, now=now),
        "pack": found.pack,
        **_earlier(referral, found.pack, now=now),
    }
    return render(request, "referrals/send.html", context, status=422 if form.errors else 200)


def _earlier(referral: Referral, pack: Pack | None, *, now: datetime) -> dict[str, Any]:
    details = referral.details
    found = referral.earlier(details, now=now)
    outbox = Message.latest_of(being_sent(found.all))
    shown = {
        each.id: presenters.sent_before(
            each,
            outbox.get(each.id),
            details,
            pack=pack,
            is_itself=each in found.stopped,
            now=now,
        )
        for each in found.all
    }
    other = found.differs
    return {
        "other_person": other
        and presenters.other_person(shown[other.id], other.details, here=details),
        "earlier": [shown[each.id] for each in found.others],
    }
