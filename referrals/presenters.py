"""Rows in the words of a page; they never ask Celery, the broker or the pharmacy."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple
from uuid import UUID

from accounts.models.people import Practice
from accounts.text import phones
from accounts.wording import clock_time, day_and_time, in_a_sentence, written_date
from referrals import nhs_numbers, pathways, policy, wording
from referrals.details import Details
from referrals.fhir import answers
from referrals.models.messages import Message
from referrals.models.pharmacies import Pharmacy
from referrals.models.referrals import Listed, Referral, TimelineEntry
from referrals.states import State
from referrals.verdicts import Reason

CLOSING_TOLD_FOR = timedelta(days=30)  # before the day
LATE_AFTER = timedelta(minutes=3)  # the rescuer begins after two


@dataclass(frozen=True)
class Status:
    """Where a referral is: what a page says, and whether that can still change by itself."""

    tag: str
    colour: str  # of nhsuk-frontend's tags
    heading: str
    sentences: tuple[str, ...]
    is_final: bool = False
    is_failed: bool = False  # the practice has to phone the pharmacy

    @property
    def has_arrived(self) -> bool:
        return self.is_final and not self.is_failed


def status(
    referral: Referral, message: Message | None, *, may_have_arrived: bool, now: datetime
) -> Status:
    """Say where a referral is; ``may_have_arrived`` is what ``Message.may_have_arrived`` says."""
    if message is None:
        return Status("Not sent", "grey", "Not sent", ("This referral has not been sent.",))
    if referral.state == State.DELIVERED:
        return _delivered(message, referral, now=now)
    if referral.state == State.SENDING:
        return _sending(message, referral, may_have_arrived=may_have_arrived, now=now)
    return _not_delivered(referral, message)


def _phone(pharmacy: Pharmacy) -> str:
    # ODS has no number of one pharmacy in twenty.
    if pharmacy.phone:
        return f"phone the pharmacy on {phones.shown(pharmacy.phone)}"
    return "phone the pharmacy (we do not have its number)"


def _late(referral: Referral, *, may_have_arrived: bool) -> Status:
    # Nobody has sent it for minutes: what sends must be down, and only a phone call helps.
    pharmacy = referral.pharmacy
    assert pharmacy  # noqa: S101  it has been sent to one
    known = (
        f"{pharmacy} may already have this referral: ask before you give the details."
        if may_have_arrived
        else f"{pharmacy} does not have this referral yet."
    )
    stay = "PharmRefer sends it as soon as it can. You do not have to send it again."
    return Status(*LATE, f"Late: {_phone(pharmacy)}", (known, stay))


def _why_failed(message: Message) -> str:
    if not message.last_reason:
        return "The last attempt was cut short."
    return f"{Reason(message.last_reason).sentence}."


def _first_attempt(message: Message, referral: Referral, *, now: datetime) -> str:
    due = message.next_attempt_at or now
    if due <= now:
        return f"It is about to be sent to {referral.pharmacy}."
    when = clock_time(due, seconds=True)
    return f"{referral.pharmacy}'s system does not work at the moment. It will be sent at {when}."


# Of what is on its way: in lists and on its page.
SENDING, SAVED = ("Sending", "blue"), ("Saved", "blue")
TRYING_AGAIN, LATE = ("Trying again", "yellow"), ("Late", "red")


def underway(message: Message, *, now: datetime) -> tuple[str, str]:
    if message.lease_until and message.lease_until > now:
        return SENDING
    if message.next_attempt_at and now - message.next_attempt_at > LATE_AFTER:
        return LATE
    return TRYING_AGAIN if message.attempts_made else SAVED


def _sending(
    message: Message, referral: Referral, *, may_have_arrived: bool, now: datetime
) -> Status:
    pharmacy, tag = referral.pharmacy, underway(message, now=now)
    stay = "It is saved and cannot be lost. You can leave this page."
    known = f"{pharmacy} may already have this referral." if may_have_arrived else ""
    if tag == SENDING:
        return Status(*tag, "Sending", (f"Sending it to {pharmacy} now.", known, stay))
    if tag == LATE:
        return _late(referral, may_have_arrived=may_have_arrived)
    if tag == SAVED:
        return Status(*tag, "Saved", (_first_attempt(message, referral, now=now), stay))
    due = message.next_attempt_at or now
    when = f"at {clock_time(due, seconds=True)}" if due > now else "now"
    stay = "You do not have to send it again. If the patient cannot wait, phone the pharmacy."
    ask = " Ask whether they have it before you give the details." if known else ""
    return Status(
        *tag,
        f"Trying again {when}",
        (
            _why_failed(message),
            known,
            f"PharmRefer keeps trying until {day_and_time(message.give_up_at, now=now)}.",
            f"{stay}{ask}",
        ),
    )


def _delivered(message: Message, referral: Referral, *, now: datetime) -> Status:
    assert message.delivered_at  # noqa: S101  as the state says
    when = in_a_sentence(message.delivered_at, now=now)
    sentences = [f"{referral.pharmacy}'s system received it {when}."]
    if reference := answers.receipt(message.receipt).reference:
        sentences.append(f"The pharmacy's reference is {reference}.")
    return Status("Delivered", "green", "Delivered", tuple(sentences), is_final=True)


def _not_delivered(referral: Referral, message: Message) -> Status:
    pharmacy = referral.pharmacy
    assert pharmacy  # noqa: S101  as the state says
    why_failed = _why_failed(message) if message.attempts_made else ""
    if referral.state == State.NOT_CONFIRMED:
        return Status(
            "Not confirmed",
            "orange",
            f"Not confirmed: {_phone(pharmacy)}",
            (
                f"{pharmacy} may already have this referral, but its system has not confirmed it.",
                "Ask whether they have it before you give the details by phone.",
                why_failed,
            ),
            is_final=True,
            is_failed=True,
        )
    return Status(
        "Not delivered",
        "red",
        f"Not delivered: {_phone(pharmacy)}",
        (f"{pharmacy} does not have this referral.", "Give the details by phone.", why_failed),
        is_final=True,
        is_failed=True,
    )


NEEDS_PHONE = {State.NOT_DELIVERED, State.NOT_CONFIRMED}
TAGS: dict[str, tuple[str, str]] = {
    State.DRAFT: ("Not sent", "grey"),
    State.SENDING: SENDING,
    State.DELIVERED: ("Delivered", "green"),
    State.NOT_CONFIRMED: ("Not confirmed", "orange"),
    State.NOT_DELIVERED: ("Not delivered", "red"),
}
INCOMPLETE = ("Not finished", "white")


class HomeRow(NamedTuple):
    id: UUID
    patient: str
    born: str
    reason: str
    pharmacy: str
    phone: str
    needs_phone: bool
    when: str
    by: str
    tag: str
    colour: str
    is_incomplete: bool


def row(listed: Listed, message: Message | None, *, now: datetime) -> HomeRow:
    """Return a referral as a list shows it; of a draft anything may be missing, or wrong.

    ``message`` is the latest one, where the referral is on its way.
    """
    details = listed.details
    tag, colour = TAGS[listed.state] if listed.is_complete else INCOMPLETE
    if message and listed.state == State.SENDING:
        tag, colour = underway(message, now=now)
    needs_phone = listed.state in NEEDS_PHONE
    return HomeRow(
        id=listed.id,
        patient=details.patient_name or "No name yet",
        born=born(details),
        reason=reason(details),
        pharmacy=listed.pharmacy or "",
        phone=phones.shown(listed.pharmacy_phone or "") if needs_phone else "",
        needs_phone=needs_phone,
        when=day_and_time(listed.at, now=now),
        by=f"{listed.sent_by_given_name or ''} {listed.sent_by_family_name or ''}".strip(),
        tag=tag,
        colour=colour,
        is_incomplete=not listed.is_complete,
    )


def born(details: Details) -> str:
    """Return the date of birth as in 15 March 1984, or "" where there is no such day."""
    try:
        return written_date(details.birth_date)
    except ValueError:
        return ""


def reason(details: Details) -> str:
    if pathway := pathways.PATHWAYS.get(details.pathway):
        return pathway.name
    return f"{details.symptom_group} (minor illness)" if details.symptom_group else ""


def changed(at: datetime | None, *, now: datetime) -> str:
    """Say that a draft has changed since a page was made of it, or was deleted: ``at`` is None."""
    if at is None:
        return "This referral was deleted in another window."
    return f"This referral was changed in another window {in_a_sentence(at, now=now)}."


@dataclass(frozen=True)
class Closing:
    sentences: str
    is_over: bool


def closing(practice: Practice | None, *, today: date) -> Closing | None:
    on = practice.closed_on if practice else None
    if practice is None or on is None or on > today + CLOSING_TOLD_FOR:
        return None
    if practice.is_closed(today=today):
        return Closing(policy.why_closed(practice), is_over=True)
    return Closing(
        f"{practice.name} closes on {written_date(on)}. From that day on you can still see its "
        "referrals, and no new ones are sent from it: send your drafts before.",
        is_over=False,
    )


@dataclass(frozen=True)
class SummaryLine:
    """A question and its answer, with the field in which it is changed."""

    name: str
    value: str
    field: str = ""


def sections(details: Details, *, today: date) -> list[tuple[str, list[SummaryLine]]]:
    """Return all that is written in a referral, but for the pharmacy, by heading."""
    age = pathways.age_on(today, born=details.birth_date)
    address = [details.address_line_1, details.address_line_2, details.town, details.postcode]
    number = nhs_numbers.spaced(details.nhs_number) if details.nhs_number else "Not given"
    spoken_to = wording.SPOKEN_TO[details.spoken_to]
    if details.contact_name:
        spoken_to = f"{spoken_to}: {details.contact_name}"
    return [
        (
            "Patient",
            [
                SummaryLine("Name", details.patient_name, "given_name"),
                SummaryLine("NHS number", number, "nhs_number"),
                SummaryLine("Date of birth", f"{born(details)} (aged {age})", "birth_day"),
                SummaryLine("Sex", wording.SEXES[details.sex], "sex"),
                SummaryLine(
                    "Address", "\n".join(part for part in address if part), "address_line_1"
                ),
            ],
        ),
        (
            "Contact",
            [
                SummaryLine("Spoken to", spoken_to, "spoken_to"),
                SummaryLine("Phone number", phones.shown(details.phone), "phone"),
                SummaryLine("Agrees to share", "Yes", "consent"),
            ],
        ),
        (
            "Reason",
            [
                SummaryLine(
                    "For", pathways.reason(details.pathway, details.symptom_group), "pathway"
                ),
                SummaryLine("The patient says", details.complaint, "complaint"),
            ],
        ),
    ]


def timeline(entries: Iterable[TimelineEntry], *, now: datetime) -> list[SummaryLine]:
    return [
        SummaryLine(
            day_and_time(entry.at, now=now),
            entry.get_event_display() + (f": {entry.by.full_name}" if entry.by else ""),
        )
        for entry in entries
    ]


@dataclass(frozen=True)
class PharmacyChoice:
    ods_code: str
    name: str
    hint: str  # distance, whether it is open, address, phone
    why_not: str  # it is not offered now; or nothing
    is_closing: bool


def choices(pharmacies: Iterable[Pharmacy], *, now: datetime) -> list[PharmacyChoice]:
    return [_choice(each, now) for each in pharmacies]


def _choice(pharmacy: Pharmacy, now: datetime) -> PharmacyChoice:
    opening, why_not = pharmacy.opening(now), pharmacy.why_not(now)
    written = f" ({pharmacy.opening_hours})" if pharmacy.opening_hours else ""
    parts = (
        distance(pharmacy),
        "" if why_not else f"{opening.words}{'' if opening.is_known else written}",
        f"{pharmacy.address}, {pharmacy.postcode}",
        _public_phone(pharmacy.phone) if pharmacy.phone else "No phone number known",
        "Online pharmacy" if pharmacy.is_distance_selling else "",
    )
    return PharmacyChoice(
        pharmacy.ods_code,
        pharmacy.name,
        ". ".join(part for part in parts if part),
        why_not,
        is_closing=opening.closing_soon and not why_not,
    )


# To read a number costs more than all else of a line; these are few, and no patient's.
_public_phone = lru_cache(maxsize=4096)(phones.shown)


def distance(pharmacy: Pharmacy) -> str:
    # As in 0.3 miles, or "" where it is not known.
    miles = pharmacy.miles
    if miles is None:
        return ""
    if miles < 0.1:
        return "Under 0.1 miles"
    said = f"{miles:.0f}" if miles >= 9.95 else f"{miles:.1f}".removesuffix(".0")
    return f"{said} mile{'' if said == '1' else 's'}"


@dataclass(frozen=True)
class Picked:
    ods_code: str
    name: str
    hint: str
    why_not: str  # it is not offered; or nothing
    is_full: bool  # as the practice has noted today


def picked(pharmacies: Collection[Pharmacy], *, now: datetime) -> list[Picked]:
    return [
        Picked(each.ods_code, each.name, each.hint, each.why_not, pharmacy.is_full)
        for pharmacy, each in zip(pharmacies, choices(pharmacies, now=now), strict=True)
    ]
