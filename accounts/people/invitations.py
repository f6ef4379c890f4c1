"""Adding people to a practice, one or many: the same rules, and all of them or none."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts import audit, keys, notices
from accounts.actor import Actor
from accounts.factors import activation_codes
from accounts.models.allowed_addresses import AllowedAddress
from accounts.models.audit import AuditEvent, Event, Remark
from accounts.models.credentials import Activation
from accounts.models.mail import Mail
from accounts.models.people import Membership, Practice, User, UserQuerySet
from accounts.people import offers
from accounts.people.memberships import looking_after
from accounts.people.new_accounts import NewPerson, account_of, activation, why_closed
from accounts.roles import Role
from accounts.text import email_addresses

TRIES = 3  # another practice may add the same people at this moment
AT_ONCE = 500  # rows in a statement


@dataclass(frozen=True)
class InvitationPlan:
    """What adding some people would do; keys are positions in their list."""

    new: dict[int, User] = field(default_factory=dict)  # accounts that are not stored yet
    joining: dict[int, User] = field(default_factory=dict)  # asked, with the account they have
    refused: dict[int, ValidationError] = field(default_factory=dict)

    @property
    def fingerprint(self) -> str:
        """Equal where the same people join with the same accounts; all others are new."""
        joining = sorted((number, user.pk) for number, user in self.joining.items())
        return hashlib.sha256(repr(joining).encode()).hexdigest()


class RefusedError(Exception):
    """One of the people cannot be added, so none was."""

    def __init__(self, plan: InvitationPlan) -> None:
        super().__init__("Nobody was added.")
        self.plan = plan


class OtherwiseError(Exception):
    """The plan is not any more what the user was shown, so nothing was done."""


def add(person: NewPerson, actor: Actor) -> tuple[User, str]:
    """Return the user, and a new account's activation code ("" for an existing account).

    Adding an account gives no power over it: its owner is asked, and is in once they accept.
    """
    try:
        plan, codes = _add([person], actor)
    except RefusedError as error:
        raise error.plan.refused[0] from None
    return (plan.new or plan.joining)[0], codes.get(0, "")


def add_many(
    people: Sequence[NewPerson], *, shown: str | None = None, actor: Actor
) -> InvitationPlan:
    """Each as in ``add``; no two people may have one mailbox.

    ``shown`` is the fingerprint of the plan that the user has seen: if today's is another one, this
    raises OtherwiseError. Raises RefusedError where one person cannot be added.
    """
    if shown is None:
        return _add(people, actor)[0]
    with transaction.atomic():
        plan = _add(people, actor)[0]
        if plan.fingerprint != shown:
            raise OtherwiseError
    return plan


def look_ahead(people: Sequence[NewPerson], *, practice: Practice, now: datetime) -> InvitationPlan:
    """Return what ``add_many`` would do now, in three queries; nothing is stored."""
    return _plan(people, practice, User.objects.all(), today=timezone.localdate(now))


def check_can_join(
    user: User, person: NewPerson, memberships: Iterable[Membership], *, today: date
) -> None:
    """``memberships`` are all the user's memberships, also those that are over."""
    practice_id = person.practice.pk if person.practice else None
    here = next((each for each in memberships if each.practice_id == practice_id), None)
    if here:
        if here.is_live(today=today):
            how = "is already one of your people"
        elif here.is_offer(today=today):
            how = "has already been asked, and has not accepted yet"
        else:
            how = "was turned off. Turn them on again"
        raise ValidationError({"email": f"{user.full_name} {how}"})
    said = {email_addresses.bare(name) for name in (person.given_name, person.family_name)} - {""}
    if not said & {email_addresses.bare(user.given_name), email_addresses.bare(user.family_name)}:
        message = "Someone with another name has this email address. Check the name and the address"
        raise ValidationError({"email": message})
    if not user.is_active or any(each.practice_id is None for each in memberships):
        raise ValidationError({"email": "This account cannot be added. Ask the service desk"})


def _plan(
    people: Sequence[NewPerson], practice: Practice, users: UserQuerySet, *, today: date
) -> InvitationPlan:
    plan = InvitationPlan()
    if closed := why_closed(practice, today=today):
        return InvitationPlan(refused={0: closed})
    found = users.with_mailboxes(each.email for each in people)
    accounts = {email_addresses.mailbox(user.email): user for user in found}
    allowed = AllowedAddress.objects.among(each.email for each in people)
    memberships = _memberships_of(accounts.values())
    for number, asked in enumerate(people):
        person = replace(asked, practice=practice)
        user = accounts.get(email_addresses.mailbox(person.email))
        try:
            _check_role(person)
            if user is None:
                plan.new[number] = account_of(person, allowed=allowed)
            else:
                check_can_join(user, person, memberships[user.pk], today=today)
                plan.joining[number] = user
        except ValidationError as error:
            plan.refused[number] = error
    return plan


def _check_role(person: NewPerson) -> None:
    if not person.role.is_in_a_practice:
        raise ValidationError({"role": f"{person.role.label} is not a role in a practice"})


def _memberships_of(users: Iterable[User]) -> defaultdict[int, list[Membership]]:
    memberships = defaultdict(list)
    for each in Membership.objects.filter(user__in=[user.pk for user in users]):
        memberships[each.user_id].append(each)
    return memberships


def _add(people: Sequence[NewPerson], actor: Actor) -> tuple[InvitationPlan, dict[int, str]]:
    for _ in range(TRIES - 1):
        try:
            return _add_now(people, actor)
        except IntegrityError:  # another practice has just made one of the accounts
            continue
    return _add_now(people, actor)


def _add_now(people: Sequence[NewPerson], actor: Actor) -> tuple[InvitationPlan, dict[int, str]]:
    # The administrator's own row is not locked: another practice may be adding them now.
    with looking_after(actor) as practice:
        return _let_in(people, practice, actor)


def let_in(person: NewPerson, practice: Practice, actor: Actor) -> tuple[User, str]:
    """As ``add``, for actors other than the practice's administrators; call it in a transaction."""
    try:
        with transaction.atomic():
            plan, codes = _let_in([person], practice, actor)
    except RefusedError as error:
        raise error.plan.refused[0] from None
    except IntegrityError as error:  # another practice has just made the account
        raise ValidationError({"email": "Someone already has this email address"}) from error
    return (plan.new or plan.joining)[0], codes.get(0, "")


def _let_in(
    people: Sequence[NewPerson], practice: Practice, actor: Actor
) -> tuple[InvitationPlan, dict[int, str]]:
    # Always in the same order: else two practices that add the same people could deadlock.
    users = User.objects.select_for_update(no_key=True).order_by("pk")
    plan = _plan(people, practice, users, today=actor.today)
    if plan.refused:
        raise RefusedError(plan)
    in_order = sorted(plan.new.values(), key=lambda user: email_addresses.mailbox(user.email))
    User.objects.bulk_create(in_order, batch_size=AT_ONCE)
    memberships = {
        number: Membership(
            user=user,
            practice=practice,
            role=people[number].role,
            ends_on=people[number].ends_on,
        )
        for number, user in sorted((plan.new | plan.joining).items())
    }
    asked = [memberships[number] for number in plan.joining]
    for each in asked:
        offers.mark(each, Role(each.role), actor)
    Membership.objects.bulk_create(memberships.values(), batch_size=AT_ONCE)
    invited = {number: memberships[number] for number in plan.new}
    codes = _invite(invited, actor)
    if asked:
        offers.ask(asked, actor)
    notices.administrators_added(list(invited.values()), by=actor.user, now=actor.now)
    return plan, codes


def _invite(memberships: dict[int, Membership], actor: Actor) -> dict[int, str]:
    codes = {number: activation_codes.new() for number in memberships}
    numbers = list(memberships)
    for start in range(0, len(numbers), AT_ONCE):  # so that no statement takes long
        activations: list[Activation] = []
        mails: list[Mail] = []
        events: list[AuditEvent] = []
        for number in numbers[start : start + AT_ONCE]:
            member, key = memberships[number], keys.new()
            user, by = member.user, actor.user
            activations.append(activation(user, codes[number], key, now=actor.now))
            mails.append(notices.activation_link(user, key, member=member, by=by, now=actor.now))
            for event, reason in (
                (Event.PERSON_INVITED, Remark(member.role)),
                (Event.ACTIVATION_ISSUED, Remark("")),
            ):
                made = audit.made(event, actor, reason=reason, person=user, by=by)
                events.append(made)
        Activation.objects.bulk_create(activations)
        Mail.objects.bulk_create(mails)
        AuditEvent.objects.bulk_create(events)
    return codes
