"""Opening, approving and carrying out cases.

``kinds`` holds what differs by kind. Each change is one transaction, which locks the practice, then
the user, then the case, as everywhere: so of two members one comes second, and none waits for
another in a circle.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.db import transaction

from accounts.actor import Actor
from accounts.errors import Denied, Gone
from accounts.models.audit import Event
from accounts.models.cases import Case, CaseKind, CaseState
from accounts.models.people import Membership, Practice, User, fold_user_name
from accounts.people import account_rules
from accounts.people.colleagues import check_can_reset_colleague
from accounts.people.invitations import look_ahead
from accounts.people.memberships import administering
from accounts.people.new_accounts import NewPerson
from accounts.service_desk import case_notices, rules
from accounts.service_desk.kinds import handling

logger = logging.getLogger(__name__)

ALREADY = "There is already a case for this: number {}"
NOT_APPROVED = "This account can do more than send referrals: a second member has to approve this"
ANEW = "End this case, and open another one"
CONSOLE = "console"  # the ticket and caller of what an operator does
JUST_DONE = "You have just done this. Check the case: a code is shown only once"


@dataclass(frozen=True)
class Call:
    ticket: str
    caller: str
    reason: str


def open_case(user_id: int, kind: CaseKind, call: Call, actor: Actor) -> tuple[Case, str]:
    """Open a case, and carry it out if one member alone may.

    Return it with the activation code that it gave, or "".
    """
    with transaction.atomic():
        rules.check_is_member(actor)
        user = _locked(user_id)
        made = _made(kind, call, account_rules.practice_of(user, now=actor.now), actor)
        made.person = user
        handling(made).check(made, actor)
        rules.check_number_on_record(made.practice)
        made.ready_at = handling(made).ready_at(made, actor.now)
        return _begin(made, actor)


def ask_for_administrator(
    practice: Practice, person: NewPerson | Membership, call: Call, actor: Actor
) -> Case:
    """``person`` is a member of the practice, or a new user. A second member approves."""
    with transaction.atomic():
        rules.check_is_member(actor)
        # Locked, so that two members cannot open a case each.
        practice = Practice.objects.select_for_update(no_key=True).get(pk=practice.pk)
        made = _made(CaseKind.ADMINISTRATOR, call, practice, actor)
        if isinstance(person, Membership):
            rules.check_works_at(person, practice, now=actor.now)
            made.person = person.user
        handling(made).check(made, actor)
        rules.check_number_on_record(practice)
        if isinstance(person, NewPerson):
            if refused := look_ahead([person], practice=practice, now=actor.now).refused:
                raise refused[0]
            made.email = fold_user_name(person.email)
            for name in ("given_name", "family_name", "job_role"):
                setattr(made, name, getattr(person, name))
        return _begin(made, actor)[0]


def reset_colleague(number: int, reason: str, actor: Actor) -> str:
    """For the practice's administrators; return the new activation code."""
    with administering(number, actor) as member:
        check_can_reset_colleague(member, actor)
        caller = member.user.full_name[: Case.LONGEST_CALLER]
        call = Call(ticket="", caller=caller, reason=reason)
        made = _made(CaseKind.RESET, call, member.practice, actor)
        made.phone = ""  # the administrator has spoken with them, and nobody was called back
        made.person, made.ready_at = member.user, actor.now
        return _begin(made, actor)[1]


def reset_at_console(user: User, reason: str, actor: Actor) -> str:
    with transaction.atomic():
        user = _locked(user.pk)
        call = Call(ticket=CONSOLE, caller=CONSOLE, reason=reason)
        made = _made(CaseKind.RESET, call, account_rules.practice_of(user, now=actor.now), actor)
        made.person, made.phone, made.ready_at = user, "", actor.now
        handling(made).check(made, actor)
        return _begin(made, actor)[1]


def _locked(user_id: int) -> User:
    user = User.objects.select_for_update(no_key=True).filter(pk=user_id).first()
    if user is None:
        raise Gone
    return user


def _made(kind: CaseKind, call: Call, practice: Practice | None, actor: Actor) -> Case:
    return Case(
        kind=kind,
        state=CaseState.WAITING,
        practice=practice,
        phone=practice.phone_on_record if practice else "",
        by=actor.user,
        opened_at=actor.now,
        **vars(call),
    )


def _begin(made: Case, actor: Actor) -> tuple[Case, str]:
    """Save a new case, and carry it out if nobody has to approve it."""
    same = Case.objects.filter(kind=made.kind, practice=made.practice)
    same = same.filter(person=made.person, email=made.email)
    for other in same.waiting(actor.now).select_related("person"):
        if actor.user:
            raise Denied(ALREADY.format(other.pk))
        _end(other, CaseState.WITHDRAWN, actor)
    # If the button was pressed twice, the second would void the code that was just read out.
    if again_after := handling(made).again_after:
        just_now = same.filter(done_at__gt=actor.now - again_after, ended_by=actor.user)
        if just_now.exists():
            raise Denied(JUST_DONE)
    made.save(force_insert=True)
    case_notices.note_case(Event.CASE_OPENED, made, actor)
    if made.is_ready(now=actor.now):
        return made, _do(made, actor)
    case_notices.case_opened(made, now=actor.now)
    return made, ""


def _end(case: Case, state: CaseState, actor: Actor) -> None:
    case.state, case.ended_at, case.ended_by = state, actor.now, actor.user
    case.save(update_fields=["state", "ended_at", "ended_by"])
    event = Event.CASE_REFUSED if state is CaseState.REFUSED else Event.CASE_WITHDRAWN
    case_notices.note_case(event, case, actor)


@contextmanager
def _holding(number: int, actor: Actor) -> Iterator[Case]:
    """Lock a waiting case and its user; raises Denied where the case is about the actor."""
    with transaction.atomic():
        rules.check_is_member(actor)
        waiting = Case.objects.waiting(actor.now)
        seen = waiting.filter(pk=number).first()
        if seen is None:
            raise Gone
        if handling(seen).is_of_practice:  # only one at a time changes who administers it
            list(Practice.objects.select_for_update(no_key=True).filter(pk=seen.practice_id or 0))
        person = _locked(seen.person_id) if seen.person_id else None
        found = waiting.select_for_update(no_key=True, of=("self",)).select_related("practice")
        case = found.filter(pk=number).first()
        if case is None:
            raise Gone
        case.person = person
        if case.person_id == actor.member.user_id:
            raise Denied(account_rules.NOT_YOUR_OWN)
        yield case


def approve(number: int, actor: Actor) -> None:
    with _holding(number, actor) as case:
        if case.by_id == actor.member.user_id:
            raise Denied("You opened this case. A colleague has to approve it")
        if case.is_approved:
            raise Gone
        case.approved_by, case.approved_at = actor.member.user, actor.now
        case.save(update_fields=["approved_by", "approved_at"])
        case_notices.note_case(Event.CASE_APPROVED, case, actor)


def refuse(number: int, actor: Actor) -> None:
    with _holding(number, actor) as case:
        is_own = case.by_id == actor.member.user_id
        state = CaseState.WITHDRAWN if is_own else CaseState.REFUSED
        _end(case, state, actor)


def carry_out(number: int, actor: Actor) -> tuple[Case, str]:
    """Return the case, and the activation code that it gives, or ""."""
    with _holding(number, actor) as case:
        _check_still(case, actor)
        return case, _do(case, actor)


def _check_still(case: Case, actor: Actor) -> None:
    """Check again what was checked when the case was opened: the user may have more powers now."""
    row = handling(case)
    row.check(case, actor)
    if not row.is_of_practice:
        practice = account_rules.practice_of(case.account, now=actor.now)
        if practice != case.practice:
            raise Denied(f"The account belongs to {practice or 'the service desk'} now. {ANEW}")
    case.ready_at = row.ready_at(case, case.opened_at)
    if not case.is_ready(now=actor.now):
        raise Denied(NOT_APPROVED)
    rules.check_number_on_record(case.practice)
    case.phone = case.practice.phone_on_record if case.practice else ""


def _do(case: Case, actor: Actor) -> str:
    row = handling(case)
    code = row.effect(case, actor)
    case.state, case.done_at, case.ended_at, case.ended_by = (
        CaseState.DONE,
        actor.now,
        actor.now,
        actor.user,
    )
    case.save(
        update_fields=["state", "person", "phone", "ready_at", "done_at", "ended_at", "ended_by"]
    )
    case_notices.note_case(Event.CASE_DONE, case, actor)
    case_notices.case_done(case, now=actor.now)
    for what in row.unusual(case, actor.now):
        logger.warning("case %s: %s", case.pk, what)
    return code
