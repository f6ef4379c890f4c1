"""What people do with referrals, one plain verb each."""

import logging
import re
import uuid
from collections.abc import Collection
from datetime import datetime

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from accounts.actor import Actor
from accounts.errors import Denied
from accounts.models.people import Practice
from accounts.prepared import insert
from accounts.text import phones
from referrals import nhs_numbers, policy, tasks
from referrals.clinical.decision import TriageDecision
from referrals.clinical.packs import Pack
from referrals.details import Details
from referrals.fhir import content, message
from referrals.fhir.faults import MessageError
from referrals.models.access_log import AccessAction, AccessLogEntry
from referrals.models.content_packs import ContentPack
from referrals.models.messages import Message
from referrals.models.pharmacies import Pharmacy
from referrals.models.referrals import Earlier, Referral, hash_of_nhs_number, hash_of_person
from referrals.policy import Circumstances
from referrals.states import ReferralEvent

logger = logging.getLogger(__name__)

_ODS_CODE = re.compile(r"\b[A-Z][0-9]{5}\b", re.ASCII)  # of a GP practice
CANNOT_BE_MADE = (
    "PharmRefer could not turn this referral into a message. Phone the pharmacy, and tell the "
    "service desk"
)


class SentBeforeError(Denied):
    """The practice has sent one for the same patient lately that the user does not know of."""


class OtherPersonError(Denied):
    """The practice has sent one with the same NHS number for another name or date of birth."""


def note_view(referral: Referral, actor: Actor) -> None:
    """Note that a member opens a referral, before they see it."""
    AccessLogEntry.note(referral, AccessAction.VIEWED, actor)


def note_print(referral: Referral, actor: Actor) -> None:
    """Note that a member prints a referral, as far as their browser tells."""
    AccessLogEntry.note(referral, AccessAction.PRINTED, actor)


def send(
    referral: Referral,
    details: Details,
    *,
    known: Collection[uuid.UUID],
    now: Circumstances | None = None,
    actor: Actor,
) -> None:
    """Send a draft: all of it is stored in one transaction, and delivered from there.

    Args:
        details: what is written in it.
        now: what it is judged by, if that has been looked up just now.
        known: earlier ones, of those that may be for this patient, that the user has seen and has
            confirmed that this one is to be sent all the same.

    Raises:
        ClosedError: the practice has closed.
        Denied: not this one, not now; the message is fit for the person.
        OtherPersonError: there is one with the same NHS number that is not ``known``.
        SentBeforeError: there is one of the last day that is not.
        StaleError: it has been sent, or changed, since it was read.
    """
    now = now or circumstances(referral, details, at=actor.now)
    decision = policy.check_can_send(referral, details, actor.member, now)
    assert now.pharmacy  # noqa: S101  the policy has seen to it
    assert now.pack  # noqa: S101  likewise
    said = _content(referral, now.pharmacy, decision, now.pack, actor)
    built = _build(referral, said, now=actor.now)
    with transaction.atomic():
        due_at = _one_at_a_time_for(details)
        _check_known(referral.earlier(details, now=actor.now), known)
        referral.apply(
            ReferralEvent.SUBMITTED,
            by=actor.member.user,
            at=actor.now,
            pharmacy=now.pharmacy,
            sent_by=actor.member.user,
            sent_at=actor.now,
            nhs_number_hash=hash_of_nhs_number(details.nhs_number),
            person_hash=hash_of_person(details),
        )
        outgoing = _post(referral, built, due_at=due_at)
        # No functools.partial: Django cannot log the failure of one.
        transaction.on_commit(lambda: tasks.broker.enqueue(outgoing.pk), robust=True)


def circumstances(referral: Referral, details: Details, *, at: datetime) -> Circumstances:
    today = timezone.localdate(at)
    pharmacy = Pharmacy.chosen_in(details, referral.practice, now=at)
    return Circumstances(pharmacy, ContentPack.in_force(today), today)


def _check_known(earlier: Earlier, known: Collection[uuid.UUID]) -> None:
    if earlier.differs and earlier.differs.id not in known:
        raise OtherPersonError(
            "Check whose NHS number this is, then confirm that it is this patient's",
            field="right_patient",
        )
    if any(each.id not in known for each in earlier.others):
        raise SentBeforeError(
            "Read what there was before, then confirm that this referral is to be sent",
            field="again",
        )


def _build(referral: Referral, said: content.Content, *, now: datetime) -> message.BuiltMessage:
    """Make the message; one that a pharmacy's system would refuse is not sent at all."""
    try:
        return message.build(said, software(), now=now, new_id=uuid.uuid4)
    except MessageError as error:
        # Its words are faults, which name elements of the message and never what stands there.
        logger.error("referral %s makes no message: %s", referral.reference, error)  # noqa: TRY400
        raise Denied(CANNOT_BE_MADE) from error


def _one_at_a_time_for(details: Details) -> datetime:
    """Let two people who send for the same patient at the same moment see each other.

    Returns what time it is by the database's clock, which delivering goes by.
    """
    hashes = [hash_of_person(details), hash_of_nhs_number(details.nhs_number)]
    numbers = sorted(int.from_bytes(made[:8], signed=True) for made in hashes if made)
    locks = ", ".join(["pg_advisory_xact_lock(%s::bigint)"] * len(numbers))
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {locks}, clock_timestamp()", numbers)
        due_at: datetime = cursor.fetchone()[-1]
    return due_at


def _post(referral: Referral, built: message.BuiltMessage, *, due_at: datetime) -> Message:
    """Put the bytes into the outbox, due at once."""
    outgoing = Message(
        id=built.request_id,
        correlation_id=built.correlation_id,
        bundle_id=built.bundle_id,
        referral=referral,
        practice_id=referral.practice_id,
        pharmacy=referral.pharmacy,
        created_at=due_at,
        next_attempt_at=due_at,
        give_up_at=due_at + settings.GIVE_UP_AFTER,
    )
    outgoing.write(built.headers, built.body)
    insert(outgoing)
    return outgoing


def _content(
    referral: Referral,
    pharmacy: Pharmacy,
    decision: TriageDecision,
    pack: Pack,
    actor: Actor,
) -> content.Content:
    """Say in the message's words what is written in a referral."""
    practice, details = referral.practice, referral.details
    return content.Content(
        reference=referral.reference,
        journey_id=referral.journey_id,
        patient=_patient(details),
        contact=_contact(details),
        complaint=details.complaint,
        reason=decision.effective_reason,
        practice=content.ReferringPractice(
            practice.ods_code, practice.name, phones.shown(practice.pharmacists_phone)
        ),
        sender=content.Referrer(
            actor.member.user.given_name, actor.member.user.family_name, actor.member.user.job_role
        ),
        pharmacy=content.ReceivingPharmacy(
            pharmacy.ods_code, pharmacy.name, phones.shown(pharmacy.phone), pharmacy.dos_service_id
        ),
        consent_at=actor.now,
        started_at=referral.created_at,
        duration=details.duration,
        tried=details.tried,
        allergies=_told(details.allergies, details.allergies_told),
        medicines=_told(details.medicines, details.medicines_told),
        triage=_triage(pack, decision),
    )


def _triage(pack: Pack, decision: TriageDecision) -> content.Triage:
    questions = [
        content.TriageQuestion(item.ask, content.TriageReply(answer))
        for item, answer in decision.asked
    ]
    questions += [
        content.TriageQuestion(item.ask, content.TriageReply.NOT_ASKED)
        for item in decision.not_asked
    ]
    return content.Triage(pack.version, pack.signed_off_by, tuple(questions), decision.reasons)


def _patient(details: Details) -> content.Patient:
    lines = (details.address_line_1, details.address_line_2)
    return content.Patient(
        nhs_number=details.nhs_number,
        given_name=details.given_name,
        family_name=details.family_name,
        birth_date=details.birth_date,
        sex=content.Sex(details.sex),
        address_lines=tuple(line for line in lines if line),
        town=details.town,
        postcode=details.postcode,
        other_number=_other_number(details),
        registered_at=_registered_at(details.registered_at),
        interpreter=details.interpreter,
        requirements=details.requirements,
    )


def _other_number(details: Details) -> str:
    """Return a number of another country, which the pharmacy may know the patient by."""
    if not details.other_number:
        return ""
    read = nhs_numbers.read(details.other_number)
    return read.number if isinstance(read, nhs_numbers.NotUsed) else ""


def _registered_at(written: str) -> content.RegisteredPractice | None:
    """Return the patient's other practice: by its ODS code, where one that we know is written."""
    if not written:
        return None
    if found := _ODS_CODE.search(written.upper()):
        practice = Practice.objects.filter(ods_code=found[0]).only("ods_code", "name").first()
        if practice:
            return content.RegisteredPractice(practice.ods_code, practice.name)
    return content.RegisteredPractice("", written)


def _contact(details: Details) -> content.Contact:
    relationship = content.Relationship(details.spoken_to)
    is_patient = relationship is content.Relationship.SELF
    owner = content.PhoneOwner(details.phone_owner)
    return content.Contact(
        relationship,
        "" if is_patient else details.contact_name,
        phones.shown(details.phone),
        owner,
        details.phone_owner_name if owner is content.PhoneOwner.OTHER else "",
        details.best_time,
    )


def _told(kind: str, words: str) -> content.Told:
    # What was written before the answer became "none" is not sent.
    kind = content.ToldKind(kind)
    return content.Told(kind, words if kind is content.ToldKind.TOLD else "")


def software() -> content.Software:
    """Return what PharmRefer calls itself in a message."""
    return content.Software(
        name="PharmRefer",
        version=settings.VERSION,
        supplier="PharmRefer",
        identifier_root=settings.PUBLIC_URL.geturl(),
        source_dos_service_id=settings.SOURCE_DOS_SERVICE_ID,
    )
