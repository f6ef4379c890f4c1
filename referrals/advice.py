"""What the patient is told once a referral is sent: aloud, on a slip, and noted in the record."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache

from django.utils import timezone

from accounts.text import phones
from accounts.wording import clock_time, day, moment
from referrals import hours
from referrals.fhir.content import DUE_WITHIN
from referrals.hours import Opening
from referrals.models.pharmacies import Pharmacy
from referrals.models.referrals import Referral

IF_WORSE = "phone 111, or 999 in an emergency"


@dataclass(frozen=True)
class PatientAdvice:
    words: tuple[str, ...]  # to be read out; none where it is too late for them
    too_late: str  # why, for the member
    record: str  # one line for the patient's record


@dataclass(frozen=True)
class Slip:
    """A sheet for the patient. It says nothing of why they are referred."""

    lines: tuple[tuple[str, str], ...]
    sentences: tuple[str, ...]
    if_worse: tuple[str, ...]


def due_by(referral: Referral) -> datetime:
    """Return by when the patient should have contacted the pharmacy (BaRS: occurrencePeriod)."""
    assert referral.sent_at  # noqa: S101  drafts have no advice
    return referral.sent_at + DUE_WITHIN


def lines_of(referral: Referral, *, now: datetime) -> tuple[tuple[str, str], ...]:
    """Return where the pharmacy is, how to reach it and when it is open."""
    pharmacy = _pharmacy(referral)
    lines = (
        ("Pharmacy", pharmacy.name),
        ("Address", f"{pharmacy.address}, {pharmacy.postcode}"),
        ("Phone", _phone(pharmacy.phone)),
        ("Open", _week(pharmacy.opening_hours, timezone.localdate(now))),
        ("Reference", referral.reference),
    )
    return tuple((name, value) for name, value in lines if value)


def advise(
    referral: Referral,
    *,
    pharmacy_reference: str,
    reason: str,
    received_at: datetime,
    now: datetime,
) -> PatientAdvice:
    """Say what to tell the patient of a referral that has arrived."""
    pharmacy, due = _pharmacy(referral), due_by(referral)
    opening = _opening(pharmacy, now)
    too_late = _too_late(pharmacy, opening, due, now)
    words = (
        f"The referral has been sent to {pharmacy.name}, {pharmacy.address}, {pharmacy.postcode}.",
        _how_to_contact(pharmacy, opening, due),
        f"Do this by {_due_in_words(opening.last_before(due), now)}: the referral is for 24 hours.",
        *_references(referral, pharmacy_reference),
        f"If things get worse, {IF_WORSE}.",
    )
    return PatientAdvice(
        words=() if too_late else words,
        too_late=too_late,
        record=_record(referral, reason, received_at),
    )


def slip(
    referral: Referral, *, has_arrived: bool, pharmacy_reference: str, now: datetime
) -> Slip | None:
    """Return the patient's sheet, None where it is too late for one."""
    pharmacy, due = _pharmacy(referral), due_by(referral)
    opening = _opening(pharmacy, now)
    if _too_late(pharmacy, opening, due, now):
        return None
    practice = referral.practice
    theirs = (("Pharmacy's reference", pharmacy_reference),) if pharmacy_reference else ()
    return Slip(
        lines=(
            *lines_of(referral, now=now),
            *theirs,
            ("Contact them by", moment(due)),
        ),
        sentences=(
            *_where_it_is(referral, has_arrived=has_arrived),
            _when_to_go(pharmacy, opening, due),
        ),
        if_worse=(
            "Phone 111 or go to 111.nhs.uk. In an emergency, phone 999.",
            f"For anything else, phone {practice.name}"
            + (f" on {_phone(practice.phone)}." if practice.phone else "."),
        ),
    )


def _pharmacy(referral: Referral) -> Pharmacy:
    assert referral.pharmacy  # noqa: S101  it has been sent to one
    return referral.pharmacy


def _opening(pharmacy: Pharmacy, now: datetime) -> Opening:
    return pharmacy.opening(now)


@lru_cache(maxsize=1024)
def _phone(stored: str) -> str:
    """Return a pharmacy's or a practice's number; a patient's is never kept."""
    return phones.shown(stored)


@lru_cache(maxsize=1024)
def _week(opening_hours: str, today: date) -> str:
    """Keep what is the same all day: a page that follows a referral asks again and again."""
    return hours.week_in_words(opening_hours, today=today)


def _is_certain(opening: Opening) -> bool:
    is_told = opening.is_known and opening.unknown_from is None
    return is_told and (opening.is_open or opening.opens_at is not None)


def _too_late(pharmacy: Pharmacy, opening: Opening, due: datetime, now: datetime) -> str:
    then = "If the patient has not been in touch with it, talk to them again before you refer them."
    if now >= due:
        return f"The 24 hours for {pharmacy.name} were over at {moment(due)}. {then}"
    if _is_certain(opening) and not opening.is_open and opening.opens_at and opening.opens_at > due:
        return f"{pharmacy.name} does not open again before the 24 hours are over. {then}"
    return ""


def _how_to_contact(pharmacy: Pharmacy, opening: Opening, due: datetime) -> str:
    phone = _phone(pharmacy.phone).replace(" ", "\u00a0")  # is read in one go
    number = f" Their phone number is {phone}." if phone else ""
    if _is_certain(opening):
        how = _how(pharmacy).capitalize()
        return f"{how} them {opening.when_to_contact(due)}.{number}"
    first = "Phone them first." if phone else "Contact them when they are open."
    return f"{first} {_as_far_as_known(pharmacy, opening)}{number}"


def _how(pharmacy: Pharmacy) -> str:
    ways = {"phone": bool(pharmacy.phone), "visit": not pharmacy.is_distance_selling}
    return " or ".join(way for way, is_there in ways.items() if is_there) or "contact"


def _as_far_as_known(pharmacy: Pharmacy, opening: Opening) -> str:
    usual = _week(pharmacy.opening_hours, timezone.localdate(opening.at))
    if usual:
        return f"Their hours may be different today. Usual hours: {usual}."
    return "We do not know when they are open."


def _references(referral: Referral, pharmacy_reference: str) -> tuple[str, ...]:
    ours = f"If they ask for a reference, it is {referral.reference}"
    theirs = f" (the pharmacy's own is {pharmacy_reference})" if pharmacy_reference else ""
    return (f"{ours}{theirs}.",)


def _due_in_words(due: datetime, now: datetime) -> str:
    days = (timezone.localdate(due) - timezone.localdate(now)) // timedelta(days=1)
    said = {0: "today", 1: "tomorrow"}.get(days)
    return f"{clock_time(due)} {said}" if said else moment(due)


def _record(referral: Referral, reason: str, received_at: datetime) -> str:
    pharmacy, sent_at = _pharmacy(referral), referral.sent_at
    assert sent_at  # noqa: S101  as it has arrived
    is_same_day = timezone.localdate(sent_at) == timezone.localdate(received_at)
    received = clock_time(received_at) if is_same_day else moment(received_at)
    return (
        f"Pharmacy First referral {referral.reference}: {reason}. Sent to {pharmacy.name} "
        f"({pharmacy.ods_code}) at {clock_time(sent_at)} on {day(sent_at)}, received by its system "
        f"at {received}. Told to contact the pharmacy by {moment(due_by(referral))}, and if "
        f"worse to {IF_WORSE}."
    )


def _where_it_is(referral: Referral, *, has_arrived: bool) -> tuple[str, ...]:
    pharmacy, practice = _pharmacy(referral), referral.practice
    if has_arrived:
        return (f"{practice.name} has sent a referral to this pharmacy.",)
    ask = (
        "Phone the pharmacy before you go, and ask if it has arrived."
        if pharmacy.phone
        else f"Before you go, ask {practice.name} if it has arrived."
    )
    return (
        f"{practice.name} is sending a referral to this pharmacy. It has not arrived yet.",
        ask,
    )


def _when_to_go(pharmacy: Pharmacy, opening: Opening, due: datetime) -> str:
    if _is_certain(opening):
        # A sheet is read later: it says of which day it is, and nothing of now.
        when = opening.when_to_contact(due).removeprefix("now, ").removeprefix("or ")
        return f"{day(opening.at)}: {_how(pharmacy)} them {when}."
    first = "Phone" if pharmacy.phone else "Check the hours"
    return f"{first} before you go: we are not sure when it is open."
