"""The service desk allows an address that looks shared, once it knows that it is one person's."""

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts import audit
from accounts.actor import Actor
from accounts.errors import Gone
from accounts.models.allowed_addresses import AllowedAddress
from accounts.models.audit import Event, Remark
from accounts.service_desk.rules import check_is_member
from accounts.text import email_addresses


def allow_address(email: str, reason: str, actor: Actor) -> AllowedAddress:
    """Allowed a second time, it keeps its first reason. Raises ValidationError."""
    mailbox = email_addresses.mailbox(email)
    try:
        AllowedAddress(mailbox=mailbox).clean_fields(exclude=["reason", "by", "at"])
    except ValidationError as error:
        message = "Enter an email address in the correct format, like name@practice.nhs.uk"
        raise ValidationError({"email": message}) from error
    with transaction.atomic():
        check_is_member(actor)
        said = {"reason": reason, "by": actor.member.user, "at": actor.now}
        made, is_new = AllowedAddress.objects.get_or_create(mailbox=mailbox, defaults=said)
        if is_new:
            remark = Remark(f"allowed address {made.pk}")
            audit.note(Event.ADDRESS_ALLOWED, actor, reason=remark, by=actor.user)
    return made


def take_back_address(number: int, actor: Actor) -> None:
    """A user who has it keeps it, but the service desk resets no shared login."""
    with transaction.atomic():
        check_is_member(actor)
        gone, _ = AllowedAddress.objects.filter(pk=number).delete()
        if not gone:
            raise Gone
        remark = Remark(f"allowed address {number}")
        audit.note(Event.ADDRESS_TAKEN_BACK, actor, reason=remark, by=actor.user)
