"""The number on record: on what the service desk calls a practice back; the operator's alone."""

import re
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from accounts import audit
from accounts.models import Event, Practice
from accounts.origin import Origin

LONGEST_NUMBER = 20  # characters, with spaces
LONGEST_SAID = 60  # characters of a reason that the audit keeps


def set_phone(
    practice: Practice, number: str, reason: str, *, origin: Origin, now: datetime
) -> None:
    """Set another number than the one in ODS; "" goes back to that.

    Raises:
        ValueError: it is no number, or there is no reason; the message is a sentence.
    """
    number = " ".join(number.split())
    digits = re.sub(r"[\s()-]", "", number)
    is_number = re.fullmatch(r"(\+44|0)[0-9]{9,10}", digits, re.ASCII)
    if number and (not is_number or len(number) > LONGEST_NUMBER):
        raise ValueError(f"{number} is no UK phone number: write it as in 01632 960101.")
    if not reason.strip():
        raise ValueError("Say why with --reason: the audit keeps it.")
    with transaction.atomic():
        found = Practice.objects.select_for_update(no_key=True).get(pk=practice.pk)
        before = found.phone_on_record
        found.phone_override = number
        if found.phone_on_record != before:
            found.phone_changed_on = timezone.localdate(now)
        found.save(update_fields=["phone_override", "phone_changed_on"])
        because = f"{found.ods_code}: {reason.strip()[:LONGEST_SAID]}"
        audit.note(Event.PHONE_CHANGED, because=because, origin=origin, now=now)
    practice.refresh_from_db()
