"""Notes where a user is active, and what indicates that several people share their login.

Nothing here locks anybody out or makes anybody wait.
"""

from datetime import datetime, timedelta

from django.db.models import Q
from django.utils import timezone

from accounts.actor import Actor
from accounts.models.people import User
from accounts.models.sessions import Session
from accounts.models.shared_logins import (
    IN_USE,
    MOST_DAYS,
    MOST_HOURS,
    ONE_CODE,
    OVERLAP,
    IndicatorKind,
    SharedLoginIndicator,
)
from accounts.origin import Device, Origin
from accounts.web import browsers

_MACHINE = ("address", "browser", "device")


def touch(session: Session, actor: Actor) -> None:
    if actor.now - session.last_seen_at >= Session.TOUCH_EVERY:
        note_use(session, origin=actor.origin, at=actor.now)


def note_use(session: Session, *, origin: Origin, at: datetime) -> None:
    """Note when and on which machine the user was active, unless they have been active since."""
    if at <= session.last_seen_at:
        return
    since = _beside_since(session, origin, at)
    if since and at - since > OVERLAP:
        SharedLoginIndicator.objects.note(
            session.user_id, IndicatorKind.MACHINES, on=timezone.localdate(at)
        )
        since = at
    device = origin.device.id if origin.device else session.device
    session.note_activity(at=at, device=device, beside_since=since)
    _note_hour(session.user, at=at)


def _beside_since(session: Session, origin: Origin, at: datetime) -> datetime | None:
    """Return since when another machine has been in use beside this one; None if none has.

    Both must have been in use all the time: a session that was left open does not count, nor one to
    which the user has come back.
    """
    others = Session.objects.filter(user=session.user_id, last_seen_at__gt=at - IN_USE)
    seen = others.exclude(pk=session.pk).values_list(*_MACHINE)
    if not any(is_elsewhere(origin, _machine(*each)) for each in seen):
        return None
    was_here = at - session.last_seen_at <= IN_USE
    return (session.beside_since if was_here else None) or at


def _machine(address: str | None, browser: str, device: str) -> Origin:
    return Origin(address, browser, Device(device) if device else None)


def is_elsewhere(here: Origin, there: Origin) -> bool:
    """Whether a browser is on another machine than one a moment ago, as far as we can tell.

    A practice's computers share an address, and a phone changes its own: the cookie of a known
    browser tells them apart. A browser that was not known then may be any that is known now, and
    two kinds of browser on one operating system may be on the same computer.
    """
    system = browsers.system_of(here.browser)
    is_one_system = system == browsers.system_of(there.browser)
    is_one_kind = browsers.kind_of(here.browser) == browsers.kind_of(there.browser)
    if there.device is None:
        return here.line != there.line and not is_one_system
    is_one_browser = here.device is not None and here.device.id == there.device.id
    return not is_one_browser and (is_one_kind or not is_one_system)


def _note_hour(user: User, *, at: datetime) -> None:
    """Note the hour in which the user is active, and activity that is too much for one person."""
    local = timezone.localtime(at)
    today, hour = local.date(), 1 << local.hour
    if user.active_on and user.active_on > today:
        return
    is_new_day = user.active_on != today
    hours, days = user.active_hours, user.active_days
    if is_new_day:
        has_worked = user.active_on == today - timedelta(days=1)
        hours, days = 0, days + 1 if has_worked else 1
    elif hours & hour:
        return
    # If two sessions do this at once, one of them notes it; the other tries again in a minute.
    unchanged = User.objects.filter(pk=user.pk, active_on=user.active_on)
    noted = {"active_on": today, "active_hours": hours | hour, "active_days": days}
    if not unchanged.filter(active_hours=user.active_hours).update(**noted):
        return
    user.active_on, user.active_hours, user.active_days = today, hours | hour, days
    if user.active_hours.bit_count() > MOST_HOURS:
        SharedLoginIndicator.objects.note(user.pk, IndicatorKind.HOURS, on=today)
    if is_new_day and days % (MOST_DAYS + 1) == 0:
        SharedLoginIndicator.objects.note(user.pk, IndicatorKind.DAYS, on=today)


def note_code_tried_again(user: User, actor: Actor) -> None:
    """Note that the last accepted code was given again, if that was on another machine.

    The sessions that a code began or confirmed a moment ago show where it was accepted.
    """
    lately = actor.now - ONE_CODE
    accepted = Session.objects.filter(
        Q(created_at__gte=lately) | Q(confirmed_at__gte=lately),
        user=user,
        authenticator__isnull=False,
    )
    machines = [_machine(*each) for each in accepted.values_list(*_MACHINE)]
    if machines and all(is_elsewhere(actor.origin, each) for each in machines):
        SharedLoginIndicator.objects.note(
            user.pk, IndicatorKind.CODE, on=timezone.localdate(actor.now)
        )
