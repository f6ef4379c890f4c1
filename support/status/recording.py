"""Takes a reading, once a minute: what works is written down for the status page."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from referrals import clock
from support.models.readings import DayOfReadings, MinuteReading, WorkerSign
from support.status import judging, parts, sources, website
from support.status.judging import WhatWasSeen
from support.status.parts import Parts

KEPT_FOR = timedelta(days=31)


def record(*, now: datetime | None = None) -> bool:
    """Return whether there was none for this minute yet."""
    now = now or clock.now()
    minute = now.replace(second=0, microsecond=0)
    if MinuteReading.objects.filter(pk=minute).exists():
        return False
    seen = WhatWasSeen(
        website.ask(settings.STATUS_CHECK_URL),
        sources.sending(now),
        sources.email(now),
        sources.systems(now),
    )
    is_new = _store(minute, judging.judge(seen, *_said_before(minute), now))
    _forget_old(now)
    return is_new


def _said_before(minute: datetime) -> tuple[Parts, Parts]:
    """Return what the last reading said, if that goes on, and what it said however old it is."""
    row = MinuteReading.objects.filter(at__lt=minute).order_by("-at").first()
    said = parts.parts_from_json(row.parts) if row else {}
    goes_on = row is not None and row.at >= minute - judging.SAME_SPELL
    return said if goes_on else {}, said


def _store(minute: datetime, said: Parts) -> bool:
    with transaction.atomic():
        _, is_new = MinuteReading.objects.get_or_create(
            at=minute, defaults={"parts": parts.to_json(said)}
        )
        if is_new:  # else another scheduler was quicker, and has counted it
            on = timezone.localdate(minute)
            DayOfReadings.objects.get_or_create(on=on, defaults={"minutes": "{}"})
            day = DayOfReadings.objects.select_for_update().get(on=on)
            counted = parts.counted(parts.minutes_from_json(day.minutes), said)
            day.minutes = parts.to_json(counted)
            day.save(update_fields=["minutes"])
    return is_new


def _forget_old(now: datetime) -> None:
    MinuteReading.objects.filter(at__lt=now - KEPT_FOR).delete()
    DayOfReadings.objects.filter(on__lt=timezone.localdate(now - KEPT_FOR)).delete()


def sign(queue: str) -> None:
    """Note that a worker takes tasks from a queue."""
    WorkerSign.objects.update_or_create(queue=queue, defaults={"at": clock.now()})
