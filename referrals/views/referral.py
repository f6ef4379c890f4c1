"""One referral: where it is now, what it says, and what has happened to it."""

from datetime import datetime
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.prepared import Given, Prepared
from accounts.roles import Permission
from accounts.web import access, flash
from accounts.web.access import SignedInRequest
from referrals import actions, advice, policy, presenters
from referrals.fhir import answers
from referrals.models.messages import Message
from referrals.models.referrals import Referral, TimelineEntry
from referrals.states import REACHED_BY, ReferralEvent, State
from referrals.views.find import find
from referrals.views.flash import REFERRAL, STOPPED

MESSAGE = Prepared(
    lambda: Message.objects.filter(referral=Given("referral")).to_show().order_by("-created_at")[:1]
)


TIMELINE = Prepared(
    lambda: (
        TimelineEntry.objects.filter(referral=Given("referral"))
        .select_related("by")
        .order_by("-at", "-pk")
    )
)


def progress_of(found: Referral, now: datetime) -> dict[str, object]:
    if found.state == State.STOPPED:
        return {
            "referral": found,
            "status": presenters.stopped(policy.decision_of(found)),
            "has_slip": False,
            "timeline": presenters.timeline(TIMELINE.rows(referral=found.pk), now=now),
        }
    message, entries = _read(found)
    may_have = bool(message and found.state == State.SENDING and message.may_have_arrived(now=now))
    status = presenters.status(found, message, may_have_arrived=may_have, now=now)
    told = _advice(found, message, now)
    return {
        "referral": found,
        "status": status,
        "has_slip": bool(told.words) if told else not status.is_failed,
        "advice": told,
        "pharmacy_lines": advice.lines_of(found, now=now),
        "timeline": presenters.timeline(entries, now=now),
    }


def latest_message(found: Referral) -> Message | None:
    """Read it; the referral's state is then the one that it had at that moment."""
    message = MESSAGE.first(referral=found.pk)
    if message:
        found.state = message.referral_state
    return message


def _read(found: Referral) -> tuple[Message | None, list[TimelineEntry]]:
    message, entries = latest_message(found), TIMELINE.rows(referral=found.pk)
    if entries and REACHED_BY[ReferralEvent(entries[0].event)] != found.state:
        message = latest_message(found)  # it has moved on between the two
    return message, entries


def _advice(found: Referral, message: Message | None, now: datetime) -> advice.PatientAdvice | None:
    if message is None or message.delivered_at is None or found.state != State.DELIVERED:
        return None
    return advice.advise(
        found,
        pharmacy_reference=answers.receipt(message.receipt).reference,
        reason=found.details.reason,
        received_at=message.delivered_at,
        now=now,
    )


@access.needs(Permission.REFERRAL_OPEN)
@require_safe
def referral(request: SignedInRequest, referral_id: UUID) -> HttpResponse:
    found, now = find(request, referral_id), timezone.now()
    if found.state == State.DRAFT:
        return redirect("referrals:send", referral_id=referral_id)
    actions.note_view(found, request.actor)
    today = timezone.localdate(now)
    context = {
        **progress_of(found, now),
        "closing": presenters.closing(found.practice, today=today),
        "sections": presenters.sections(found.details, policy.decision_of(found), today=today),
        "flash": flash.message(request, STOPPED if found.state == State.STOPPED else REFERRAL),
        "patient": found.details.patient_name,
    }
    return render(request, "referrals/referral.html", context)
