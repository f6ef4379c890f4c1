"""Write a referral: one page, and whatever is typed in it is kept as a draft."""

import re
import uuid
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from uuid import UUID

from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from accounts.models.people import Membership
from accounts.prepared import Given, Prepared
from accounts.roles import Permission
from accounts.web import access
from accounts.web.access import SignedInRequest
from accounts.web.pages import for_forms, form_page, posted
from accounts.wording import in_a_sentence
from referrals import actions, presenters
from referrals.completeness import LONGEST_COMPLAINT, problems
from referrals.details import Details
from referrals.forms import ReferralForm, as_form_data
from referrals.models.pharmacies import Pharmacy
from referrals.models.referrals import Referral
from referrals.states import State
from referrals.views.find import referral_address
from referrals.views.window import NEWS, Window, keep

USUAL_FOR = timedelta(days=90)
ANYBODYS = Prepared(lambda: Referral.objects.filter(pk=Given("id")))


@access.needs(Permission.REFERRAL_SEND)
@require_safe
def new(request: SignedInRequest) -> HttpResponse:
    """Begin one: it has an address of its own at once, so that it can be made only once."""
    if _cannot_begin(request):
        return redirect("referrals:home")  # which says why
    return redirect("referrals:edit", referral_id=uuid.uuid4())


@access.needs(Permission.REFERRAL_SEND, keep=keep)
@for_forms
def edit(request: SignedInRequest, referral_id: UUID) -> HttpResponse:
    """Ask for everything; what is sent is kept, and it goes on once it is complete."""
    referral = ANYBODYS.first(id=referral_id)
    if referral and not referral.is_visible_to(request.signed_in.membership):
        return _handed_over(request, referral_id)
    if elsewhere := _elsewhere(request, referral):
        return redirect(elsewhere)
    form = _form(request, referral)
    obstacle: actions.ChangedError | actions.ClosedError | None = None
    if request.method == "POST":
        try:
            referral = _save(request, referral_id, form, is_new=referral is None)
        except (actions.ChangedError, actions.ClosedError) as error:
            obstacle = error
        except actions.DeniedError:  # sent in another window, a moment ago
            return redirect(referral_address(referral_id, because="changed"))
        else:
            if form.is_valid():
                return redirect("referrals:send", referral_id=referral_id)
    return _page(request, referral_id, form, referral, obstacle)


def _handed_over(request: SignedInRequest, referral_id: UUID) -> HttpResponse:
    """Keep what comes from a page that was open when its draft was handed to a colleague."""
    kept = keep(request, referral_id=referral_id) if request.method == "POST" else None
    if kept is None or kept.by != request.signed_in.user_id:
        raise Http404
    return redirect(kept.address)


@access.needs(Permission.REFERRAL_SEND, by_script=True)
@require_POST
def pharmacies(request: SignedInRequest) -> HttpResponse:
    """Answer a search while somebody types it: the radio buttons of the page."""
    chosen = request.POST.get("pharmacy", "")
    context = _pharmacies(request.signed_in.membership, chosen, request.POST)
    return render(request, "referrals/pharmacies_answer.html", context)


def _elsewhere(request: SignedInRequest, referral: Referral | None) -> str:
    """Return where to go where there is nothing to be written: it was sent, or cannot be begun."""
    is_sent = request.method == "POST"
    if referral is None:
        return "" if is_sent or not _cannot_begin(request) else reverse("referrals:home")
    if referral.state == State.DRAFT:
        return ""
    return referral_address(referral.pk, because="changed" if is_sent else "")


def _cannot_begin(request: SignedInRequest) -> bool:
    practice = request.signed_in.membership.practice
    assert practice  # noqa: S101  who may send is in one
    try:
        actions.check_can_begin(practice, today=timezone.localdate())
    except actions.ClosedError:
        return True
    return False


def _form(request: SignedInRequest, referral: Referral | None) -> ReferralForm:
    """Return the form with what was typed, or with a draft.

    A search that nobody has seen the answer to comes first, whichever button was pressed: Enter in
    its box presses the first one.
    """
    today, typed = timezone.localdate(), posted(request)
    if typed is None:
        return _form_of(referral, today) if referral else ReferralForm(None, today=today)
    if "find" in typed or search_in(typed) != typed.get("searched", ""):
        return ReferralForm(None, today=today, begun=asdict(Details.incomplete(typed)))
    return ReferralForm(typed, today=today)


def _form_of(draft: Referral, today: date) -> ReferralForm:
    """Return the form with a draft: one that was complete with what is wrong with it by now."""
    if not draft.is_whole:
        return ReferralForm(None, today=today, begun=asdict(draft.details))
    pharmacy, written = Pharmacy.find_offered(draft.details.pharmacy), as_form_data(draft.details)
    if problems(draft.details, today=today, pharmacy=pharmacy):
        return ReferralForm(written, today=today)
    form = ReferralForm(None, today=today, begun=written)
    form.chosen_pharmacy = pharmacy
    return form


def _save(
    request: SignedInRequest, referral_id: UUID, form: ReferralForm, *, is_new: bool
) -> Referral | None:
    """Keep what was typed; return the draft, None where that is nothing."""
    is_complete = form.is_valid()
    details = form.details if is_complete else Details.incomplete(request.POST)
    if is_new and details == Details():
        return None
    window = Window.of(request, referral_id) or Window.open(request.signed_in, referral_id)
    return actions.save(
        referral_id,
        details,
        basis=window.basis(request),
        is_complete=is_complete,
        actor=request.actor,
    )


def _page(
    request: SignedInRequest,
    referral_id: UUID,
    form: ReferralForm,
    referral: Referral | None,
    obstacle: actions.ChangedError | actions.ClosedError | None,
) -> HttpResponse:
    person, now = request.signed_in.membership, timezone.now()
    changed = obstacle if isinstance(obstacle, actions.ChangedError) else None
    version = referral.version if referral else 0
    saved = in_a_sentence(referral.saved_at, now=now) if referral and version else ""
    response = form_page(
        request,
        "referrals/edit.html",
        form,
        notice="" if posted(request) is not None else NEWS.get(request.GET.get("because", ""), ""),
        closing=presenters.closing(person.practice, today=timezone.localdate(now)),
        is_refused=isinstance(obstacle, actions.ClosedError),
        referral_id=referral_id,
        window=Window.open(request.signed_in, referral_id),
        version=changed.version if changed else version,
        changed=presenters.changed(changed.at, now=now) if changed else "",
        saved="" if changed else saved,
        longest_complaint=LONGEST_COMPLAINT,
        **_pharmacies(
            person, str(form["pharmacy"].value() or ""), request.POST, known=form.chosen_pharmacy
        ),
    )
    if obstacle:
        response.status_code = 422
    return response


def search_in(typed: QueryDict) -> str:
    """Return what is searched for, fit to be asked for and shown."""
    return " ".join(typed.get("search", "").replace("\x00", "").split())[: Pharmacy.LONGEST_SEARCH]


@dataclass(frozen=True)
class Found:
    """The pharmacies that a search has found."""

    shown: list[Pharmacy]
    count: int  # of all that were found

    @property
    def more(self) -> int:
        """How many are shown when somebody asks for more; 0 where there are none, or too many."""
        wanted = len(self.shown) + Pharmacy.MANY
        return wanted if self.count > len(self.shown) and wanted <= Pharmacy.MOST_SHOWN else 0


def matching(search: str, typed: QueryDict) -> Found:
    """Return as many as are asked for; none for an empty search."""
    asked = typed.get("find", "")
    wanted = int(asked) if re.fullmatch("[0-9]{1,3}", asked, re.ASCII) else 0
    upto = min(max(wanted, Pharmacy.MANY), Pharmacy.MOST_SHOWN)
    everything = Pharmacy.objects.offered().matching(search)
    found = list(everything[: upto + 1]) if search else []
    count = everything.order_by().count() if len(found) > upto else len(found)
    return Found(found[:upto], count)


def _pharmacies(
    person: Membership, chosen: str, typed: QueryDict, *, known: Pharmacy | None = None
) -> dict[str, object]:
    """Return the pharmacies to choose from: usual ones, found ones, and the one chosen.

    Args:
        known: the one chosen, if it has been looked up just now.
    """
    assert person.practice  # noqa: S101  who may send is in one
    search = search_in(typed)
    matched = matching(search, typed)
    found = matched.shown
    usual = [
        pharmacy
        for pharmacy in Pharmacy.usual_for(person.practice, since=timezone.now() - USUAL_FOR)
        if pharmacy not in found
    ]
    first = []
    if chosen and chosen not in {pharmacy.ods_code for pharmacy in (*found, *usual)}:
        # What is ticked stays in sight: what is ticked is what is sent.
        is_known = known is not None and known.ods_code == chosen
        first = list(filter(None, [known if is_known else Pharmacy.find_offered(chosen)]))
    return {
        "found": presenters.choices([*first, *found]),
        "usual": presenters.choices(usual),
        "chosen": chosen,
        "search": search,
        "count": len(found),
        "has_more": matched.count > len(found),
        "matched": matched,
    }
