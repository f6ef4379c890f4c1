"""The number on record: on what the service desk calls a practice back; the operator's alone."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from accounts import audit
from accounts.models.audit import Event
from accounts.models.people import Practice
from accounts.origin import Origin
from accounts.text import phones

LONGEST_SAID = 60  # characters of a reason that the audit keeps


def set_phone(
    practice: Practice, number: str, reason: str, *, origin: Origin, now: datetime
) -> None:
    """Set another number than the one in ODS; "" goes back to that.

    Raises:
        ValueError: it is no number, or there is no reason; the message is a sentence.
    """
    try:
        number = phones.clean_practice(number) if number.strip() else ""
    except phones.NotAPhoneNumberError as error:
        raise ValueError(f"{number} cannot be set: {error}.") from None
    if not reason.strip():
        raise ValueError("Say why with --reason: the audit keeps it.")
    with transaction.atomic():
        found = Practice.objects.select_for_update(no_key=True).get(pk=practice.pk)
        before = found.phone_on_record
        found.phone_override = number
        if phones.shown(found.phone_on_record) != phones.shown(before):
            found.phone_changed_on = timezone.localdate(now)
        found.save(update_fields=["phone_override", "phone_changed_on"])
        because = f"{found.ods_code}: {reason.strip()[:LONGEST_SAID]}"
        audit.note(Event.PHONE_CHANGED, because=because, origin=origin, now=now)
    practice.refresh_from_db()
