"""A user who was told of a case says "this was not me": the case and what it did are stopped."""

from datetime import datetime

from django.db import transaction

from accounts.actor import Actor
from accounts.errors import Gone
from accounts.models.audit import Event, Remark
from accounts.models.cases import Case, CaseState
from accounts.models.credentials import PasswordLink
from accounts.models.people import User
from accounts.service_desk import case_notices
from accounts.service_desk.kinds import handling
from accounts.sign_in.lockout import lock_account


def case_of_link(key: str, *, now: datetime) -> Case | None:
    number = case_notices.number_in(key)
    if number is None:
        return None
    case = Case.objects.select_related("person", "practice").filter(pk=number).first()
    return case if case and case.may_be_disputed(now=now) else None


def dispute(number: int, actor: Actor) -> None:
    """Also end whatever else waits for the same account. Raises Gone where it is too late."""
    with transaction.atomic():
        people = User.objects.select_for_update(no_key=True, of=("self",))
        person = people.filter(cases=number).first()  # locked before the case, as in ``cases``
        found = Case.objects.select_for_update(no_key=True, of=("self",))
        case = found.select_related("practice").filter(pk=number).first()
        if case is None or not case.may_be_disputed(now=actor.now):
            raise Gone
        case.person = person or case.person
        case.state, case.disputed_at = CaseState.DISPUTED, actor.now
        if case.done_at is None:
            case.ended_at = actor.now
        case.save(update_fields=["state", "disputed_at", "ended_at"])
        case_notices.note_case(Event.CASE_DISPUTED, case, actor)
        if case.person and case.locks_account:
            _lock_out(case, case.person, actor)
        if case.person and case.done_at:
            handling(case).undo(case, actor)
        case_notices.case_disputed(case, now=actor.now)


def _lock_out(case: Case, person: User, actor: Actor) -> None:
    lock_account(person, reason=Remark(f"case {case.pk}"), actor=actor)
    PasswordLink.objects.filter(user=person).delete()
    waiting = Case.objects.waiting(actor.now).filter(person=person)
    waiting.update(state=CaseState.WITHDRAWN, ended_at=actor.now)
