"""A practice's own settings: call-back number, address for notices, number on record."""

from django.db import transaction
from django.utils import timezone

from accounts import audit, notices
from accounts.actor import Actor
from accounts.errors import Changed
from accounts.models.audit import AuditEvent, Event, Remark
from accounts.models.people import Practice
from accounts.people.memberships import looking_after
from accounts.text import phones

CALL_BACK = "call-back number for pharmacists"


NOTICES = "address for notices"


_LONGEST = AuditEvent._meta.get_field("because").max_length or 0


def change_call_back(phone: str, *, before: str, actor: Actor) -> None:
    """An empty one means the number on record. Raises Changed where ``before`` is out of date."""
    with looking_after(actor) as practice:
        was, wanted = phones.shown(practice.call_back_phone), phones.shown(phone)
        if _is_changed(was, wanted, phones.shown(before)):
            practice.call_back_phone = phone
            practice.save(update_fields=["call_back_phone"])
            note_change(practice, f"{CALL_BACK} {wanted or 'none'}", actor)
            _tell(practice, CALL_BACK, was, wanted, actor)


def change_notices_email(email: str, *, before: str, actor: Actor) -> None:
    """Old and new address are told. Raises Changed where ``before`` is out of date."""
    with looking_after(actor) as practice:
        if _is_changed(practice.notices_email, email, before):
            practice.notices_email = email
            practice.save(update_fields=["notices_email"])
            note_change(practice, f"{NOTICES} {email or 'none'}", actor)
            _tell(practice, NOTICES, before, email, actor)


def _is_changed(was: str, wanted: str, before: str) -> bool:
    if was == wanted:
        return False
    if was != before:
        raise Changed(was)
    return True


def note_change(practice: Practice, what: str, actor: Actor) -> None:
    because = f"{practice.ods_code}: {what}"
    if len(because) > _LONGEST:
        because = f"{because[: _LONGEST - 1]}…"
    person = actor.member.user
    audit.note(Event.PRACTICE_CHANGED, actor, because=Remark(because), person=person, by=person)


def _tell(practice: Practice, what: str, before: str, after: str, actor: Actor) -> None:
    """Also at an address that was removed: else a thief could do so unseen."""
    notices.practice_changed(
        practice,
        notices.SettingChange(what, before, after),
        also=[before] if what == NOTICES and before else [],
        by=actor.member.user,
        now=actor.now,
    )


LONGEST_SAID = 60  # characters of the reason, in the audit


def set_phone(practice: Practice, number: str, reason: str, actor: Actor) -> None:
    """Override the number of ODS, or go back to it. A ValueError's message is a sentence."""
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
            found.phone_changed_on = timezone.localdate(actor.now)
        found.save(update_fields=["phone_override", "phone_changed_on"])
        because = f"{found.ods_code}: {reason.strip()[:LONGEST_SAID]}"
        audit.note(Event.PHONE_CHANGED, actor, because=Remark(because))
    practice.refresh_from_db()
