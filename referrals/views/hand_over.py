"""Give a leaving member's drafts to a colleague: the page says how many, and nothing in them."""

from django.conf import settings
from django.http import HttpResponse
from django.utils import timezone

from accounts.errors import why_denied
from accounts.people.views.people import find, to_person
from accounts.roles import Permission
from accounts.web import access
from accounts.web.access import SignedInRequest
from accounts.web.pages import for_forms, form_page, posted, refusals_beside
from accounts.web.stash import stash_typed, stashed
from referrals import drafts, policy
from referrals.forms import HandOverForm
from referrals.models.referrals import Referral


@access.needs(Permission.PEOPLE_MANAGE, recently=True, stash=stash_typed("to"), if_gone=to_person)
@for_forms
def hand_over(request: SignedInRequest, number: int) -> HttpResponse:
    member, now = find(request, number), timezone.now()
    form = HandOverForm(
        posted(request),
        initial=stashed(request),
        colleagues=drafts.who_may_have_them(member, now=now),
    )
    if form.is_valid():
        to = int(form.cleaned_data["to"])
        with refusals_beside(form, "to"):
            count = drafts.hand_over(number, to, request.actor)
            return to_person(number, "handed-over" if count else "no-drafts")
    why_not = why_denied(policy.check_can_hand_over, member, today=timezone.localdate(now))
    return form_page(
        request,
        "referrals/hand_over.html",
        form,
        member=member,
        why_not=why_not,
        is_closed=bool(
            member.practice and member.practice.is_closed(today=timezone.localdate(now))
        ),
        count=Referral.objects.drafts_of(member).count(),
        kept_for=settings.DRAFTS_KEPT.days,
    )
