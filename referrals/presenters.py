"""Rows in the words of a page; they never ask Celery, the broker or the pharmacy."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple
from uuid import UUID

from django.utils import timezone

from accounts.models.people import Practice
from accounts.text import phones
from accounts.wording import clock_time, day_and_time, in_a_sentence, written_date
from referrals import nhs_numbers, policy, same_patient, wording
from referrals.clinical.decision import TriageAnswer, TriageDecision, TriageOutcome, age_on
from referrals.clinical.packs import Group, Item, Pack, inside_a_sentence
from referrals.completeness import decided
from referrals.details import Details
from referrals.fhir import answers
from referrals.fhir.content import Relationship
from referrals.hours import Opening
from referrals.models.messages import Message
from referrals.models.pharmacies import Pharmacy
from referrals.models.referrals import Listed, Referral, TimelineEntry
from referrals.nhs_numbers import NotAnNHSNumberError, NotUsed
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
    question: str = ""  # of support/help/tree.py, by its slug

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
    stay = "We will send it as soon as we can. You do not need to send it again."
    return Status(*LATE, f"Late: {_phone(pharmacy)}", (known, stay), question="late")


def _why_failed(message: Message) -> str:
    if message.lease_until:  # it ends with the attempt, unless that never came to its end
        return "The last attempt was cut short."
    return f"{Reason(message.last_reason).sentence}." if message.last_reason else ""


def _first_attempt(message: Message, referral: Referral, *, now: datetime) -> str:
    due = message.next_attempt_at or now
    if due <= now:
        return f"It is about to be sent to {referral.pharmacy}."
    when = clock_time(due, seconds=True)
    return f"{referral.pharmacy}'s system is not working at the moment. We will send it at {when}."


# Of what is on its way: in lists and on its page.
SENDING, SAVED = ("Sending", "blue"), ("Saved", "blue")
TRYING_AGAIN, LATE = ("Trying again", "yellow"), ("Late", "red")


def underway(message: Message, *, now: datetime) -> tuple[str, str]:
    due = message.next_attempt_at
    if due is None or (message.lease_until and message.lease_until > now):
        return SENDING  # without an attempt to come it is over, and was not when it was read
    if now - due > LATE_AFTER:
        return LATE
    return TRYING_AGAIN if message.attempts_made else SAVED


def _sending(
    message: Message, referral: Referral, *, may_have_arrived: bool, now: datetime
) -> Status:
    pharmacy, tag = referral.pharmacy, underway(message, now=now)
    stay = "It is saved. We will keep trying, and you can leave this page."
    known = f"{pharmacy} may already have this referral." if may_have_arrived else ""
    if tag == SENDING:
        return Status(*tag, "Sending", (f"Sending it to {pharmacy} now.", known, stay))
    if tag == LATE:
        return _late(referral, may_have_arrived=may_have_arrived)
    if tag == SAVED:
        return Status(*tag, "Saved", (_first_attempt(message, referral, now=now), stay))
    due = message.next_attempt_at or now
    when = f"at {clock_time(due, seconds=True)}" if due > now else "now"
    stay = "You do not need to send it again. If the patient cannot wait, phone the pharmacy."
    ask = " Ask whether they have it before you give the details." if known else ""
    return Status(
        *tag,
        f"Trying again {when}",
        (
            _why_failed(message),
            known,
            f"We will keep trying until {day_and_time(message.give_up_at, now=now)}.",
            f"{stay}{ask}",
        ),
        question="trying-again",
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
    why_failed = _why_failed(message)
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
            question="not-confirmed",
        )
    return Status(
        "Not delivered",
        "red",
        f"Not delivered: {_phone(pharmacy)}",
        (f"{pharmacy} does not have this referral.", "Give the details by phone.", why_failed),
        is_final=True,
        is_failed=True,
        question="not-delivered",
    )


STOPS = {
    TriageOutcome.STOP_999: "Call 999",
    TriageOutcome.STOP_GP_SAME_DAY: "GP today",
    TriageOutcome.STOP_TOO_YOUNG: "GP today",
    TriageOutcome.STOP_GP: "GP appointment",
}


def stopped(decision: TriageDecision | None) -> Status:
    """Say what follows from the answers that have stopped a referral."""
    what = STOPS.get(decision.outcome) if decision else None
    heading = f"{what}: this referral was not sent" if what else "Not sent"
    sentences = (decision.advice, *decision.reasons) if decision else ()
    return Status("Stopped", "red", heading, sentences, is_final=True, is_failed=True)


NEEDS_PHONE = {State.NOT_DELIVERED, State.NOT_CONFIRMED}
TAGS: dict[str, tuple[str, str]] = {
    State.DRAFT: ("Not sent", "grey"),
    State.SENDING: SENDING,
    State.DELIVERED: ("Delivered", "green"),
    State.NOT_CONFIRMED: ("Not confirmed", "orange"),
    State.NOT_DELIVERED: ("Not delivered", "red"),
    State.STOPPED: ("Stopped", "red"),
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
    state = listed.state
    if message and state == State.SENDING:
        state = message.referral_state  # it was read later
    is_incomplete = state == State.DRAFT and not listed.is_complete
    tag, colour = INCOMPLETE if is_incomplete else TAGS[state]
    if message and state == State.SENDING:
        tag, colour = underway(message, now=now)
    needs_phone = state in NEEDS_PHONE
    is_chosen = state == State.DRAFT and bool(details.pharmacy)
    return HomeRow(
        id=listed.id,
        patient=details.patient_name or "No name yet",
        born=born(details),
        reason=details.reason,
        # Of a draft only its code is known, and sealed: the name would cost a query more.
        pharmacy=listed.pharmacy or ("Chosen" if is_chosen else ""),
        phone=phones.shown(listed.pharmacy_phone or "") if needs_phone else "",
        needs_phone=needs_phone,
        when=day_and_time(listed.at, now=now),
        by=f"{listed.sent_by_given_name or ''} {listed.sent_by_family_name or ''}".strip(),
        tag=tag,
        colour=colour,
        is_incomplete=is_incomplete,
    )


def born(details: Details) -> str:
    """Return the date of birth as in 15 March 1984, or "" where there is no such day."""
    try:
        return written_date(details.birth_date)
    except ValueError:
        return ""


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
        f"{practice.name} closes on {written_date(on)}. From that day you can still see its "
        "referrals, but you cannot send new ones from it: send your drafts before then.",
        is_over=False,
    )


@dataclass(frozen=True)
class SummaryLine:
    """A question and its answer, with the field in which it is changed."""

    name: str
    value: str
    field: str = ""
    more: str = ""  # what stands behind the value, for who opens it


NOT_GIVEN = "Not given"


def sections(
    details: Details, decision: TriageDecision | None, *, today: date
) -> list[tuple[str, list[SummaryLine]]]:
    """Return all that is written in a referral, but for the pharmacy, by heading.

    Of one that its answers have stopped anything may be missing, or wrong.
    """
    return [
        ("Patient", _patient(details, today)),
        ("Contact", _contact(details)),
        ("Reason", _reason(details)),
        ("Questions", _questions(decision)),
    ]


def _line(name: str, value: str, field: str, *, is_always_there: bool = True) -> list[SummaryLine]:
    if not value and not is_always_there:
        return []
    return [SummaryLine(name, value or NOT_GIVEN, field)]


def _patient(details: Details, today: date) -> list[SummaryLine]:
    address = [details.address_line_1, details.address_line_2, details.town, details.postcode]
    written = born(details)
    age = f"{written} (aged {age_on(today, born=details.birth_date)})" if written else ""
    return [
        *_line("Name", details.patient_name, "given_name"),
        *_line("NHS number", _number(details), "nhs_number"),
        *_line("Date of birth", age, "birth_day"),
        *_line("Sex", wording.SEXES.get(details.sex, ""), "sex"),
        *_line("Address", "\n".join(part for part in address if part), "postcode"),
        *_line("Registered at", details.registered_at, "registered_at", is_always_there=False),
    ]


def _number(details: Details) -> str:
    number = details.nhs_number
    if other := _not_used(details):
        return f"{NOT_GIVEN}: {other.kind.value}"
    return nhs_numbers.spaced(number) if nhs_numbers.is_valid(number) else number


def _not_used(details: Details) -> NotUsed | None:
    """Return the number that stood in the place of an NHS number, where it was another one."""
    try:
        read = nhs_numbers.read(details.other_number)
    except NotAnNHSNumberError:
        return None
    return read if isinstance(read, NotUsed) else None


def _contact(details: Details) -> list[SummaryLine]:
    spoken_to = wording.SPOKEN_TO.get(details.spoken_to, "")
    if details.contact_name:
        spoken_to = f"{spoken_to}: {details.contact_name}"
    phone = phones.shown(details.phone)
    if owner := whose_number(details):
        phone = f"{phone}\n{owner}"
    return [
        *_line("Spoken to", spoken_to, "spoken_to"),
        *_line("Phone number", phone, "phone"),
        *_line("Best time to call", details.best_time, "best_time", is_always_there=False),
        *_line("Interpreter", details.interpreter, "interpreter", is_always_there=False),
        *_line("What they need", details.requirements, "requirements", is_always_there=False),
        *_line("Consent to share", "Yes" if details.consent == "yes" else "", "consent"),
    ]


FAR = 5  # miles
OWN_CONSENT = 16  # years; Family Law Reform Act 1969, section 8


def unusual(
    details: Details, decision: TriageDecision, pharmacy: Pharmacy, *, now: datetime
) -> Iterator[str]:
    """Yield what is to be looked at before it is sent, in the order of the page."""
    if other := _not_used(details):
        yield f"{other.sentence}."
    age = age_on(timezone.localdate(now), born=details.birth_date)
    if details.spoken_to == Relationship.SELF and age < OWN_CONSENT:
        yield f"The patient is {age}, and you spoke to them. Did a parent or guardian agree?"
    if details.phone_owner == "other":
        yield f"The phone number is {details.phone_owner_name}'s."
    elif details.phone_owner == "unconfirmed":
        yield "The phone number was not checked."
    if decision.outcome is TriageOutcome.MINOR_ILLNESS and decision.reasons:
        why = inside_a_sentence(" ".join(decision.reasons))
        yield f"This will be sent as a minor illness: {why}"
    if decision.instead:
        fitting = " or ".join(inside_a_sentence(name) for name in decision.instead)
        yield f"By age and sex, {fitting} fits: choose that instead, if it is what they have."
    yield from decision.left_out
    yield from _unusual_pharmacy(pharmacy, now)
    if details.postcode and pharmacy.miles is not None and not pharmacy.is_from_patient:
        yield f"We do not know where {details.postcode} is, or how far from {pharmacy}."


def _unusual_pharmacy(pharmacy: Pharmacy, now: datetime) -> Iterator[str]:
    opening = pharmacy.opening(now)
    if not opening.is_open or opening.closing_soon:
        yield f"{pharmacy}: {opening.words[:1].lower()}{opening.words[1:]}."
    if pharmacy.miles is not None and pharmacy.miles >= FAR:
        yield f"{pharmacy} is {distance_from(pharmacy)}."


def whose_number(details: Details) -> str:
    if details.phone_owner == "patient" or (
        details.phone_owner == "contact" and details.spoken_to == Relationship.SELF
    ):
        return "The patient's, checked with them"
    if details.phone_owner == "contact":
        return f"{details.contact_name}'s, checked with them"
    if details.phone_owner == "other":
        return f"{details.phone_owner_name}'s, checked with the person you spoke to"
    return "Not checked" if details.phone_owner else ""


def _reason(details: Details) -> list[SummaryLine]:
    def told(choice: str, words: str) -> str:
        return words or wording.TOLD.get(choice, "")

    return [
        *_line("For", details.reason, "pathway"),
        *_line("Symptoms", details.complaint, "complaint"),
        *_line("How long", details.duration, "duration"),
        *_line("Tried", details.tried, "tried", is_always_there=False),
        *_line("New allergies", told(details.allergies, details.allergies_told), "allergies"),
        *_line("New medicines", told(details.medicines, details.medicines_told), "medicines"),
    ]


ANSWERS = {TriageAnswer.YES: "Yes", TriageAnswer.NO: "No", TriageAnswer.UNSURE: "Not sure"}


def _questions(decision: TriageDecision | None) -> list[SummaryLine]:
    """Return every answer, those that are not "no" first; "no" is said once for a group."""
    if decision is None:
        return []
    found = [
        SummaryLine(_capital(each.item.ask), ANSWERS[each.answer], f"q_{each.item.code}")
        for each in decision.asked
        if each.answer is not TriageAnswer.NO
    ]
    denied = {each.item for each in decision.asked if each.answer is TriageAnswer.NO}
    for group in decision.groups:
        found += _denied(group, decision.called[group.code], denied)
    return found


def _denied(group: Group, called: str, denied: Collection[Item]) -> list[SummaryLine]:
    asks = [item.ask for item in group.items if item in denied]
    if not asks:
        return []
    count, field = len(asks), f"q_{group.code}"
    if count == 1:
        return [SummaryLine(_capital(asks[0]), ANSWERS[TriageAnswer.NO], field)]
    said = f"None of these {count}" if count == len(group.items) else f"No to {count} others"
    name = _capital(called.removeprefix("the "))
    return [SummaryLine(name, said, field, more="\n".join(asks))]


def _capital(ask: str) -> str:
    return f"{ask[:1].upper()}{ask[1:]}"


def pharmacy_lines(pharmacy: Pharmacy, *, now: datetime) -> list[SummaryLine]:
    address = f"{pharmacy.name}\n{pharmacy.address}, {pharmacy.postcode}"
    week = pharmacy.week_in_words(timezone.localdate(now))
    hours = f"{pharmacy.opening(now).words}\n{week}".strip()
    return [
        *_line("Pharmacy", address, "pharmacy"),
        *_line("Distance", distance_from(pharmacy), "", is_always_there=False),
        *_line("Hours", hours, ""),
        *_line("Phone", phones.shown(pharmacy.phone), ""),
    ]


def timeline(entries: Iterable[TimelineEntry], *, now: datetime) -> list[SummaryLine]:
    return [
        SummaryLine(
            day_and_time(entry.at, now=now),
            entry.get_event_display() + (f": {entry.by.full_name}" if entry.by else ""),
        )
        for entry in entries
    ]


NO_BREAK_SPACE = "\N{NO-BREAK SPACE}"


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
    parts = (
        distance(pharmacy),
        "" if why_not else _hours(pharmacy, opening),
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


def _hours(pharmacy: Pharmacy, opening: Opening) -> str:
    # What we cannot read, people can.
    if opening.is_known or not pharmacy.opening_hours:
        return opening.words
    return f"Phone first. The pharmacy gives its hours as: {pharmacy.opening_hours}"


# To read a number costs more than all else of a line; these are few, and no patient's.
@lru_cache(maxsize=4096)
def _public_phone(number: str) -> str:
    return phones.shown(number).replace(" ", NO_BREAK_SPACE)


def distance(pharmacy: Pharmacy) -> str:
    # As in 0.3 miles, or "" where it is not known.
    miles = pharmacy.miles
    if miles is None:
        return ""
    if miles < 0.1:
        return "Under 0.1 miles"
    said = f"{miles:.0f}" if miles >= 9.95 else f"{miles:.1f}".removesuffix(".0")
    return f"{said} mile{'' if said == '1' else 's'}"


def distance_from(pharmacy: Pharmacy) -> str:
    # As in 0.3 miles from the practice.
    said = distance(pharmacy)
    return said and f"{said} from {measured_from(pharmacy)}"


def measured_from(pharmacy: Pharmacy) -> str:
    return "the patient's postcode" if pharmacy.is_from_patient else "the practice"


NOWHERE_NEAR = 25  # miles


def nowhere_near(found: Collection[Pharmacy]) -> str:
    """Return a sentence on how far away they are, or "" where one of them may be near."""
    nearest = min(found, key=lambda each: each.miles or 0, default=None)
    if nearest is None or round(nearest.miles or 0) <= NOWHERE_NEAR:
        return ""
    if len(found) == 1:
        return f"It is {distance(nearest)} away."
    return f"None of these is within {NOWHERE_NEAR} miles: the nearest is {distance(nearest)} away."


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


@dataclass(frozen=True)
class SentBefore:
    """An earlier referral that may be for the same patient: when, where to, by whom, its state."""

    id: UUID
    sentence: str
    when: str
    tag: str
    colour: str
    doubt: str  # why it may be another patient's; or nothing
    is_stopped: bool


def sent_before(  # noqa: PLR0913  each by its name
    listed: Listed,
    message: Message | None,
    details: Details,
    *,
    pack: Pack | None,
    is_itself: bool = False,
    now: datetime,
) -> SentBefore:
    # To be shown before a referral is sent: ``details``. That one may be it ``itself``, stopped.
    shown, when = row(listed, message, now=now), in_a_sentence(listed.at, now=now)
    to = f" to {shown.pharmacy}" if shown.pharmacy else ""
    for_what = f", for {inside_a_sentence(shown.reason)}" if shown.reason else ""
    sentence = f"{shown.by} referred {shown.patient}, born {shown.born},{to} {when}{for_what}."
    is_stopped = listed.state == State.STOPPED
    if is_stopped:
        which, whom = "this" if is_itself else "a", _whom(listed.details)
        sentence = (
            f"{shown.by} began {which} referral{whom} {when}, and the answers stopped it: it was "
            f"not sent. {_stopped_by(listed, pack)}"
        ).strip()
    return SentBefore(
        id=listed.id,
        sentence=sentence,
        when=shown.when,
        tag=shown.tag,
        colour=shown.colour,
        doubt="" if is_itself else same_patient.doubt(details, listed.details),
        is_stopped=is_stopped,
    )


def _stopped_by(listed: Listed, pack: Pack | None) -> str:
    # As in "Call 999. The answer to “has chest pain” was yes."; nothing where another pack asked.
    if pack is None or listed.details.content_pack != pack.version:
        return ""
    day = timezone.localdate(listed.at)
    decision = decided(listed.details, today=day, pack=pack, pharmacy=None)
    what = STOPS.get(decision.outcome)
    return " ".join((f"{what}.", *decision.reasons)) if what else ""


def _whom(details: Details) -> str:
    # As far as it was known.
    name, date_of_birth = details.patient_name, born(details)
    said = f" for {name}" if name else " for a patient" if date_of_birth else ""
    return f"{said}, born {date_of_birth}," if date_of_birth else said


class ComparedLine(NamedTuple):
    name: str
    here: str
    there: str

    @property
    def is_different(self) -> bool:
        mine, theirs = map(same_patient.letters_and_digits, (self.here, self.there))
        return mine != theirs and NOT_GIVEN not in (self.here, self.there)


@dataclass(frozen=True)
class OtherPerson:
    """Two people with one NHS number, beside each other."""

    nhs_number: str
    are_different: str  # "first name and last name are different"
    lines: tuple[ComparedLine, ...]
    earlier: SentBefore


def other_person(earlier: SentBefore, there: Details, here: Details) -> OtherPerson:
    """Compare a referral that is about to be sent with the one before that has its NHS number."""
    pairs = zip(_who(here), _who(there), strict=True)
    return OtherPerson(
        nhs_numbers.spaced(here.nhs_number),
        same_patient.are_different(same_patient.differences(here, there)),
        tuple(
            ComparedLine(name, mine or NOT_GIVEN, theirs or NOT_GIVEN)
            for (name, mine), (_, theirs) in pairs
        ),
        earlier,
    )


def _who(details: Details) -> list[tuple[str, str]]:
    lines = (details.address_line_1, details.address_line_2, details.town, details.postcode)
    return [
        ("First name", details.given_name),
        ("Last name", details.family_name),
        ("Date of birth", born(details)),
        ("Sex", wording.SEXES.get(details.sex, "")),
        ("Address", ", ".join(line for line in lines if line)),
    ]
