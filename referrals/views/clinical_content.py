"""Clinical content for operators: what is in force, what waits, and making it live."""

from dataclasses import dataclass
from datetime import date

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from accounts.errors import Denied, why_denied
from accounts.roles import Permission
from accounts.web import access, flash
from accounts.web.access import SignedInRequest
from accounts.web.pages import for_forms, sure_page
from accounts.web.paging import page_of
from accounts.wording import written_date
from referrals import content_packs
from referrals.clinical.differences import asked_of, differences
from referrals.clinical.packs import MEANINGS
from referrals.models.content_packs import ContentPack, ContentPackQuerySet
from referrals.views.flash import CLINICAL_CONTENT

MOST_WAITING = 20  # shown at once; all of them are in the list below
ACTIONS = {
    "confirm": (content_packs.confirm, "confirmed"),
    "discard": (content_packs.discard, "discarded"),
}


@dataclass(frozen=True)
class ShownPack:
    row: ContentPack
    state: str
    colour: str


def to_list(flash_code: str, **_arguments: object) -> HttpResponseRedirect:
    return flash.redirect_to("clinical:content", flash_code)


def _shown(row: ContentPack, live: ContentPack | None, today: date) -> ShownPack:
    if row.confirmed_at is None:
        return ShownPack(row, "Waiting", "orange")
    if live and row.pk == live.pk:
        return ShownPack(row, "In force", "green")
    if row.starts_on > today:
        return ShownPack(row, f"From {written_date(row.starts_on)}", "blue")
    return ShownPack(row, "Ended" if row.ends_on < today else "Replaced", "grey")


def _rows() -> ContentPackQuerySet:
    return ContentPack.objects.select_related("loaded_by", "confirmed_by").defer("content")


@access.needs(Permission.CLINICAL_CONFIRM)
@require_safe
def clinical_content(request: SignedInRequest) -> HttpResponse:
    today = request.actor.today
    live = _rows().live(today).first()
    found = page_of(_rows(), ("-loaded_at", "-pk"), request.GET.get("page", ""))
    context = {
        "live": live,
        "waiting": _rows().waiting().order_by("-loaded_at", "-pk")[:MOST_WAITING],
        "packs": found.map(lambda row: _shown(row, live, today)),
        "flash": flash.message(request, CLINICAL_CONTENT),
    }
    return render(request, "referrals/clinical_content.html", context)


@access.needs(Permission.CLINICAL_CONFIRM)
@require_safe
def pack(request: SignedInRequest, number: int) -> HttpResponse:
    """Show what a pack that waits changes, and all that a pack says."""
    row, today = get_object_or_404(_rows(), pk=number), request.actor.today
    live = _rows().live(today).first()
    before = live.pack if live and row.confirmed_at is None else None
    context = {
        "shown": _shown(row, live, today),
        "live": live,
        "pack": row.pack,
        "differences": differences(before, row.pack) if before else [],
        "meanings": MEANINGS,
        "asked_of": asked_of,
        "why_not": why_denied(content_packs.check_can_confirm, row, request.actor),
    }
    return render(request, "referrals/content_pack.html", context)


@access.needs(Permission.CLINICAL_CONFIRM, recently=True, if_gone=to_list)
@for_forms
def decide(request: SignedInRequest, number: int, action: str) -> HttpResponse:
    act, flash_code = ACTIONS[action]
    row = content_packs.waiting(number)
    denied = ""
    if request.method == "POST":
        try:
            act(number, request.actor)
            return to_list(flash_code)
        except Denied as error:
            denied = str(error)
    elif action == "confirm":
        denied = why_denied(content_packs.check_can_confirm, row, request.actor)
    return sure_page(
        request,
        "referrals/content_pack_decide.html",
        denied=denied,
        row=row,
        action=action,
        today=request.actor.today,
        later=content_packs.later(row, today=request.actor.today),
    )
