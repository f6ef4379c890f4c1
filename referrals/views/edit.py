"""Write a referral: one page, and whatever is typed in it is saved as a draft."""

from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.utils import timezone

from accounts import errors
from accounts.models.people import Practice
from accounts.roles import Permission
from accounts.web import access, flash
from accounts.web.access import SignedInRequest
from accounts.web.pages import for_forms, form_page, posted
from accounts.wording import in_a_sentence
from referrals import drafts, policy, presenters, stops
from referrals.clinical.packs import Pack
from referrals.completeness import LONGEST_COMPLAINT, named, problems
from referrals.details import Details
from referrals.forms import ReferralForm, Said, as_form_data
from referrals.models.content_packs import ContentPack
from referrals.models.pharmacies import Pharmacy
from referrals.models.referrals import Referral
from referrals.states import State
from referrals.views import paste
from referrals.views.find import referral_address
from referrals.views.flash import DRAFT
from referrals.views.form_token import FormToken, stash
from referrals.views.new import leads_elsewhere
from referrals.views.pharmacies import ANYBODYS, pharmacies_to_choose, search_in


@access.needs(Permission.REFERRAL_SEND, stash=stash)
@for_forms
def edit(request: SignedInRequest, referral_id: UUID) -> HttpResponse:
    """What was typed is saved, complete or not; once complete, it leads on to the check."""
    referral = ANYBODYS.first(id=referral_id)
    judged = _Judged(request.signed_in.membership.own_practice, timezone.now())
    typed = posted(request)
    form = judged.typed(typed) if typed is not None else None
    is_anothers = referral is not None and not referral.is_visible_to(request.signed_in.membership)
    is_theirs = not is_anothers or _is_open(request, referral_id)
    if form is not None and form.is_stopped and is_theirs:
        return _stopped(request, referral_id, form)
    if is_anothers:
        return _handed_over(request, referral_id)
    if elsewhere := leads_elsewhere(request, referral):
        return redirect(elsewhere)
    if form is not None:
        return _saved(request, referral_id, form, referral)
    form = _form_of(referral, judged) if referral else judged.begun({})
    return _page(request, referral_id, form, referral)


def _saved(
    request: SignedInRequest, referral_id: UUID, form: ReferralForm, referral: Referral | None
) -> HttpResponse:
    try:
        referral = _save(request, referral_id, form, is_new=referral is None)
    except (drafts.DraftChangedError, policy.ClosedError) as error:
        return _page(request, referral_id, form, referral, error)
    except errors.Denied:  # sent, or stopped, in another window a moment ago
        return redirect(referral_address(referral_id, flash_code="changed"))
    if form.is_valid():
        return redirect("referrals:send", referral_id=referral_id)
    return _page(request, referral_id, form, referral)


def _is_open(request: SignedInRequest, referral_id: UUID) -> bool:
    """Say whether the user has had a page of it: then it was theirs."""
    form_token = FormToken.of(request, referral_id)
    return form_token is not None and form_token.membership_id == request.signed_in.membership_id


def _stopped(request: SignedInRequest, referral_id: UUID, form: ReferralForm) -> HttpResponse:
    """Record it, whatever else is in the way, and lead to what is to be done."""
    recorded = stops.record(
        referral_id,
        _details(request, form),
        base=_base(request, referral_id),
        is_complete=form.is_valid(),
        actor=request.actor,
    )
    if recorded == referral_id:
        return redirect(referral_address(recorded))
    there = ANYBODYS.first(id=referral_id)
    was_sent = there is not None and there.state not in {State.DRAFT, State.STOPPED}
    flash_code = "after-sending" if was_sent else "apart"
    return redirect(referral_address(recorded, flash_code=flash_code))


def _handed_over(request: SignedInRequest, referral_id: UUID) -> HttpResponse:
    """Save what comes from a page that was open when its draft was handed to a colleague."""
    stashed = stash(request, referral_id=referral_id) if request.method == "POST" else None
    if stashed is None or stashed.person != request.signed_in.user_id:
        raise Http404
    return redirect(stashed.path)


class _Judged:
    """By what forms are judged: where, when, and by which questions."""

    def __init__(self, practice: Practice, now: datetime) -> None:
        self.now, self.practice, self.today = now, practice, timezone.localdate(now)
        self.pack = ContentPack.in_force(self.today)

    def form(self, typed: Mapping[str, Any] | None) -> ReferralForm:
        return ReferralForm(typed, now=self.now, pack=self.pack, practice=self.practice)

    def typed(self, typed: QueryDict) -> ReferralForm:
        """What was typed: answers that stop it come before everything else.

        Then comes a search whose answer the user has not seen, whichever button was pressed: Enter
        in the search box presses the form's first one. So do questions that they have not seen,
        and what is pasted.
        """
        form = self.form(typed)
        has_new_search = "find" in typed or search_in(typed) != typed.get("searched", "")
        if form.is_stopped or not (has_new_search or "ask" in typed or paste.found_in(typed)):
            return form
        begun = self.begun(Details.incomplete(_written(typed)))
        begun.chosen_pharmacy = form.chosen_pharmacy
        return begun

    def begun(self, details: Details | dict[str, Any]) -> ReferralForm:
        """Only show what was written: nothing is said of it."""
        written = asdict(details) if isinstance(details, Details) else details
        return ReferralForm(
            None, now=self.now, pack=self.pack, practice=self.practice, begun=written
        )


def _form_of(draft: Referral, judged: _Judged) -> ReferralForm:
    """A complete draft shows what has become wrong with it since."""
    details = draft.details
    written = as_form_data(details)
    begun = judged.begun({**written, "answers": details.answers})
    if draft.is_complete:
        pharmacy = Pharmacy.chosen_in(details, judged.practice, now=judged.now)
        if problems(details, today=judged.today, pack=judged.pack, pharmacy=pharmacy):
            return judged.form(written)
        begun.chosen_pharmacy = pharmacy
    return begun


def _written(typed: QueryDict) -> dict[str, str]:
    """Return what was typed, with what was pasted where nothing was."""
    found = paste.found_in(typed)
    return {name: str(typed[name]) for name in typed} | (found.fields if found else {})


def _save(
    request: SignedInRequest, referral_id: UUID, form: ReferralForm, *, is_new: bool
) -> Referral | None:
    """Return None where there was nothing to save."""
    details = _details(request, form)
    if is_new and details == Details():
        return None
    return drafts.save(
        referral_id,
        details,
        base=_base(request, referral_id),
        is_complete=form.is_valid(),
        actor=request.actor,
    )


def _base(request: SignedInRequest, referral_id: UUID) -> drafts.BaseVersion:
    form_token = FormToken.of(request, referral_id)
    return (form_token or FormToken.open(request.signed_in, referral_id)).base(request)


def _details(request: SignedInRequest, form: ReferralForm) -> Details:
    if form.is_valid():
        return form.details
    details = named(Details.incomplete(_written(request.POST)), form.pack)
    if form.pack and form.is_stopped:  # it stays as it is: by which questions, it has to say
        return replace(details, content_pack=form.pack.version)
    return details


@lru_cache(maxsize=4)
def _unanswered(pack: Pack) -> Mapping[str, str]:
    """Return the questions of emergencies and each pathway, as long as nobody has answered them.

    There are many, and all of them are in the page: to make them anew costs as much as the rest.
    """
    template, nothing = "referrals/pathway_questions.html", Said()
    made = {"pack": pack, "said": nothing, "is_chosen": False}
    first = {**made, "groups": [pack.emergency], "is_first": True}
    return {pack.emergency.code: render_to_string(template, first)} | {
        each.code: render_to_string(template, {**made, "groups": each.groups, "pathway": each.code})
        for each in pack.pathways
    }


@lru_cache(maxsize=4)
def _blank(pack: Pack | None) -> Mapping[str, str]:
    """Return the fields that a referral begins with, made once: most of the page's work."""
    context = {
        "form": ReferralForm(None, now=timezone.now(), pack=pack, practice=Practice()),
        "pack": pack,
        "unanswered": _unanswered(pack) if pack else {},
        "longest_complaint": LONGEST_COMPLAINT,
    }
    columns = ("patient", "reason")
    return {name: render_to_string(f"referrals/{name}_fields.html", context) for name in columns}


def _page(
    request: SignedInRequest,
    referral_id: UUID,
    form: ReferralForm,
    referral: Referral | None,
    obstacle: drafts.DraftChangedError | policy.ClosedError | None = None,
) -> HttpResponse:
    person, now = request.signed_in.membership, timezone.now()
    changed = obstacle if isinstance(obstacle, drafts.DraftChangedError) else None
    version = referral.version if referral else 0
    saved = in_a_sentence(referral.saved_at, now=now) if referral and version else ""
    response = form_page(
        request,
        "referrals/edit.html",
        form,
        flash="" if posted(request) is not None else flash.message(request, DRAFT),
        closing=presenters.closing(person.practice, today=timezone.localdate(now)),
        is_refused=isinstance(obstacle, policy.ClosedError),
        referral_id=referral_id,
        form_token=FormToken.open(request.signed_in, referral_id),
        version=changed.version if changed else version,
        changed=presenters.changed(changed.at, now=now) if changed else "",
        saved="" if changed else saved,
        longest_complaint=LONGEST_COMPLAINT,
        pack=form.pack,
        blank=None if form.is_bound or form.initial else _blank(form.pack),
        unanswered=_unanswered(form.pack) if form.pack else {},
        pasted=paste.found_in(request.POST),
        optional_fields=paste.OPTIONAL,
        **pharmacies_to_choose(
            person,
            str(form["pharmacy"].value() or ""),
            request.POST,
            known=form.chosen_pharmacy,
            postcode=str(form["postcode"].value() or ""),
        ),
    )
    if obstacle:
        response.status_code = 422
    return response
