"""A practice's own settings: call-back number, address for notices, number on record."""

from collections.abc import Callable
from typing import NamedTuple

from django.db import transaction

from accounts import audit, notices
from accounts.actor import Actor
from accounts.errors import Changed
from accounts.models.audit import LONGEST_AUDIT_REASON, Event, Remark
from accounts.models.people import Practice
from accounts.people.memberships import looking_after
from accounts.text import phones

LONGEST_SAID = 60  # characters of the reason, in the audit


class Setting(NamedTuple):
    column: str
    label: str
    shown: Callable[[str], str] = str
    notifies_former: bool = False  # else a thief could take the address away unseen


# An empty one means the number on record.
CALL_BACK = Setting("call_back_phone", "call-back number for pharmacists", phones.shown)
NOTICES = Setting("notices_email", "address for notices", notifies_former=True)


def change(setting: Setting, value: str, before: str, actor: Actor) -> None:
    """Raises Changed where ``before``, which the user has seen, is out of date."""
    with looking_after(actor) as practice:
        was, wanted = setting.shown(getattr(practice, setting.column)), setting.shown(value)
        if was == wanted:
            return
        if was != setting.shown(before):
            raise Changed(was)
        setattr(practice, setting.column, value)
        practice.save(update_fields=[setting.column])
        note_change(practice, f"{setting.label} {wanted or 'none'}", actor)
        notices.practice_changed(
            practice,
            notices.SettingChange(setting.label, was, wanted),
            also=[was] if setting.notifies_former and was else [],
            by=actor.member.user,
            now=actor.now,
        )


def note_change(practice: Practice, what: str, actor: Actor) -> None:
    reason = f"{practice.ods_code}: {what}"
    if len(reason) > LONGEST_AUDIT_REASON:
        reason = f"{reason[: LONGEST_AUDIT_REASON - 1]}…"
    person = actor.member.user
    audit.note(Event.PRACTICE_CHANGED, actor, reason=Remark(reason), person=person, by=person)


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
            found.phone_changed_on = actor.today
        found.save(update_fields=["phone_override", "phone_changed_on"])
        said = f"{found.ods_code}: {reason.strip()[:LONGEST_SAID]}"
        audit.note(Event.PHONE_CHANGED, actor, reason=Remark(said))
    practice.refresh_from_db()
