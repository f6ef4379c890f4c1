"""What people do with referrals, one plain verb each."""

import logging
import uuid
from datetime import datetime

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from accounts.actor import Actor
from accounts.errors import Denied
from accounts.prepared import insert
from accounts.text import phones
from referrals import pathways, policy, tasks
from referrals.details import Details
from referrals.fhir import content, message
from referrals.fhir.faults import MessageError
from referrals.models.access_log import AccessAction, AccessLogEntry
from referrals.models.messages import Message
from referrals.models.pharmacies import Pharmacy
from referrals.models.referrals import Referral, hash_of_nhs_number, hash_of_person
from referrals.states import ReferralEvent

logger = logging.getLogger(__name__)

CANNOT_BE_MADE = (
    "PharmRefer could not turn this referral into a message. Phone the pharmacy, and tell the "
    "service desk"
)


class SentBeforeError(Denied):
    """The practice has sent one for the same patient lately that the person does not know of."""


def note_view(referral: Referral, actor: Actor) -> None:
    """Note that a member opens a referral, before they see it."""
    AccessLogEntry.note(referral, AccessAction.VIEWED, actor)


def note_print(referral: Referral, actor: Actor) -> None:
    """Note that a member prints a referral, as far as their browser tells."""
    AccessLogEntry.note(referral, AccessAction.PRINTED, actor)


def send(
    referral: Referral, details: Details, *, known: int, to: Pharmacy | None = None, actor: Actor
) -> None:
    """Send a draft: all of it is stored in one transaction, and delivered from there.

    Args:
        details: what is written in it.
        to: the pharmacy in ``details``, if it has been looked up just now.
        known: how many that the practice has sent for this patient lately the person knows of,
            and still wants to send this one.

    Raises:
        ClosedError: the practice has closed.
        Denied: not this one, not now; the message is fit for the person.
        SentBeforeError: there are more of them.
        StaleError: it has been sent, or changed, since it was read.
    """
    pharmacy = to or Pharmacy.find_offered(details.pharmacy)
    policy.check_can_send(
        referral, details, pharmacy, actor.member, today=timezone.localdate(actor.now)
    )
    assert pharmacy  # noqa: S101  the policy has seen to it
    built = _build(referral, _content(referral, details, pharmacy, actor), now=actor.now)
    with transaction.atomic():
        due_at = _one_at_a_time_for(details)
        if len(referral.earlier(details, now=actor.now)) > known:
            raise SentBeforeError("Confirm that you want to send another referral", field="again")
        referral.apply(
            ReferralEvent.SUBMITTED,
            by=actor.member.user,
            at=actor.now,
            pharmacy=pharmacy,
            sent_by=actor.member.user,
            sent_at=actor.now,
            nhs_number_hash=hash_of_nhs_number(details.nhs_number),
            person_hash=hash_of_person(details),
        )
        outgoing = _post(referral, built, due_at=due_at)
        # No functools.partial: Django cannot log the failure of one.
        transaction.on_commit(lambda: tasks.broker.enqueue(outgoing.pk), robust=True)


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
    referral: Referral, details: Details, pharmacy: Pharmacy, actor: Actor
) -> content.Content:
    """Say in the message's words what is written in a referral."""
    practice = referral.practice
    relationship = content.Relationship(details.spoken_to)
    is_patient = relationship is content.Relationship.SELF
    lines = (details.address_line_1, details.address_line_2)
    return content.Content(
        reference=referral.reference,
        journey_id=referral.journey_id,
        patient=content.Patient(
            nhs_number=details.nhs_number,
            given_name=details.given_name,
            family_name=details.family_name,
            birth_date=details.birth_date,
            sex=content.Sex(details.sex),
            address_lines=tuple(line for line in lines if line),
            town=details.town,
            postcode=details.postcode,
        ),
        contact=content.Contact(
            relationship,
            "" if is_patient else details.contact_name,
            phones.shown(details.phone),
        ),
        complaint=details.complaint,
        reason=pathways.reason(details.pathway, details.symptom_group),
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
    )


def software() -> content.Software:
    """Return what PharmRefer calls itself in a message."""
    return content.Software(
        name="PharmRefer",
        version=settings.VERSION,
        supplier="PharmRefer",
        identifier_root=settings.PUBLIC_URL.geturl(),
        source_dos_service_id=settings.SOURCE_DOS_SERVICE_ID,
    )
