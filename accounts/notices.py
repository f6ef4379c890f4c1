"""The e-mails about accounts and practices: one function each, called as its template.

Most tell the owner of an account, at every address that was theirs lately; a link that opens
something goes to the address of today alone.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import timezone

from accounts import mail
from accounts.models.credentials import Activation
from accounts.models.former_addresses import addresses_of
from accounts.models.mail import Mail
from accounts.models.people import Membership, Practice, User, fold_user_name
from accounts.roles import Role


def words(template: str, **values: object) -> mail.Words:
    """Return what an e-mail says: its template's first line is the subject."""
    values["address"] = settings.PUBLIC_URL.geturl().rstrip("/")
    subject, _, text = render_to_string(f"mail/{template}.txt", values).partition("\n")
    return mail.Words(subject.strip(), text.strip() + "\n")


def _post_to_owner(user: User, said: mail.Words, *, now: datetime) -> None:
    for address in addresses_of(user, now=now):
        mail.post(address, said, now=now)


def _greetings(
    practices: Collection[int | None],
    *,
    now: datetime,
    but: Collection[User] = (),
    also: Collection[str] = (),
) -> dict[str, str]:
    """Return how the administrators of some practices are greeted, by their address.

    The practices' addresses for notices are among them. Several people may read such an address:
    what it gets tells nothing of patients, and has no link that opens anything.
    """
    live = Membership.objects.live(timezone.localdate(now))
    asked = {each for each in practices if each}
    theirs = live.filter(role=Role.PRACTICE_ADMINISTRATOR, practice__in=asked)
    given = Practice.objects.filter(pk__in=asked).exclude(notices_email="")
    mailboxes = [*given.values_list("notices_email", flat=True), *also]
    administrators = User.objects.filter(memberships__in=theirs, is_active=True)
    found = {fold_user_name(each): "Hello," for each in mailboxes} | {
        each.email: f"Hello {each.given_name}," for each in administrators
    }
    for each in but:
        found.pop(each.email, None)
    return found


def activation_link(
    user: User, key: str, *, member: Membership | None, by: User | None, now: datetime
) -> Mail:
    """Return it for the outbox, since many are stored at once."""
    until = now + Activation.LIFETIME
    said = words("activation_link", person=user, key=key, member=member, by=by, until=until)
    return mail.made(user.email, said, now=now, expires_at=until)


def activation_code_issued(user: User, *, by: User | None, now: datetime) -> None:
    _post_to_owner(user, words("activation_code_issued", person=user, by=by, at=now), now=now)


def password_reset(user: User, key: str, *, until: datetime, now: datetime) -> None:
    said = words("password_reset", person=user, key=key, until=until, at=now)
    mail.post(user.email, said, now=now, expires_at=until)


def not_activated(user: User, *, until: datetime, now: datetime) -> None:
    """Answer who has forgotten a password that they have never had."""
    said = words("not_activated", person=user, at=now)
    mail.post(user.email, said, now=now, expires_at=until)


def password_changed(user: User, *, now: datetime) -> None:
    _post_to_owner(user, words("password_changed", person=user, at=now), now=now)


def authenticator_added(user: User, name: str, *, now: datetime) -> None:
    _post_to_owner(user, words("authenticator_added", person=user, name=name, at=now), now=now)


def authenticator_removed(user: User, name: str, *, now: datetime) -> None:
    _post_to_owner(user, words("authenticator_removed", person=user, name=name, at=now), now=now)


def passkey_added(user: User, name: str, *, now: datetime) -> None:
    _post_to_owner(user, words("passkey_added", person=user, name=name, at=now), now=now)


def passkey_removed(user: User, name: str, *, now: datetime) -> None:
    _post_to_owner(user, words("passkey_removed", person=user, name=name, at=now), now=now)


def passkey_disabled(user: User, name: str, *, now: datetime) -> None:
    _post_to_owner(user, words("passkey_disabled", person=user, name=name, at=now), now=now)


def new_location(user: User, *, browser: str, network_address: str, now: datetime) -> None:
    said = words(
        "new_location", person=user, browser=browser, network_address=network_address, at=now
    )
    _post_to_owner(user, said, now=now)


def wrong_codes(user: User, count: int, what: str, *, now: datetime) -> None:
    """Tell of a row of wrong "codes", or "codes or passkeys": that is what they are called."""
    said = words("wrong_codes", person=user, count=count, what=what, at=now)
    _post_to_owner(user, said, now=now)


def account_locked(user: User, count: int, what: str, *, now: datetime) -> None:
    said = words("account_locked", person=user, count=count, what=what, at=now)
    _post_to_owner(user, said, now=now)


def colleague_locked(user: User, count: int, what: str, *, now: datetime) -> None:
    """Tell the administrators wherever the owner of a locked account works."""
    live = Membership.objects.live(timezone.localdate(now)).filter(user=user)
    practices = [each.practice_id for each in live]
    for address, hello in _greetings(practices, but=[user], now=now).items():
        said = words("colleague_locked", hello=hello, person=user, count=count, what=what, at=now)
        mail.post(address, said, now=now)


def account_unlocked(user: User, key: str, *, until: datetime, now: datetime) -> None:
    for address in addresses_of(user, now=now):
        is_todays = address == user.email
        given = key if is_todays else ""
        said = words("account_unlocked", person=user, key=given, until=until, at=now)
        mail.post(address, said, now=now, expires_at=until if is_todays else None)


def details_changed(user: User, *, before: str, by: User, now: datetime) -> None:
    """Tell of another name, job role or user name, which was ``before``."""
    is_moved = before != user.email
    said = words("details_changed", person=user, before=before, is_moved=is_moved, by=by, at=now)
    _post_to_owner(user, said, now=now)


def role_changed(user: User, member: Membership, *, by: User | None, now: datetime) -> None:
    role = Role(member.role).label.lower()
    said = words("role_changed", person=user, member=member, role=role, by=by, at=now)
    _post_to_owner(user, said, now=now)


def membership_turned_off(member: Membership, *, by: User, now: datetime) -> None:
    said = words("membership_turned_off", person=member.user, member=member, by=by, at=now)
    _post_to_owner(member.user, said, now=now)


def membership_turned_on(member: Membership, *, by: User, now: datetime) -> None:
    said = words("membership_turned_on", person=member.user, member=member, by=by, at=now)
    _post_to_owner(member.user, said, now=now)


def membership_offered(
    member: Membership, *, shortest: int, by: User | None, now: datetime
) -> Mail:
    """Return it for the outbox, since many are stored at once.

    Args:
        shortest: characters of a password that the role asks for, or 0 where any will do.
    """
    said = words(
        "membership_offered",
        person=member.user,
        member=member,
        role=Role(member.offered_role).label.lower(),
        is_there=member.off_at is None,
        shortest=shortest,
        by=by,
    )
    return mail.made(member.user.email, said, now=now)


def offer_withdrawn(member: Membership, *, is_there: bool, by: User | None, now: datetime) -> None:
    """Tell of an offer that is gone, to a member that ``is_there`` all the same or to another."""
    said = words(
        "offer_withdrawn", person=member.user, member=member, is_there=is_there, by=by, at=now
    )
    mail.post(member.user.email, said, now=now)


def offer_declined(member: Membership, *, is_there: bool, now: datetime) -> None:
    for address, hello in _greetings([member.practice_id], but=[member.user], now=now).items():
        said = words(
            "offer_declined",
            hello=hello,
            person=member.user,
            member=member,
            is_there=is_there,
            at=now,
        )
        mail.post(address, said, now=now)


def membership_accepted(member: Membership, *, now: datetime) -> None:
    role = Role(member.role)
    said = words(
        "membership_accepted",
        person=member.user,
        member=member,
        role=role.label.lower(),
        is_administrator=role is Role.PRACTICE_ADMINISTRATOR,
        at=now,
    )
    _post_to_owner(member.user, said, now=now)


def membership_transferred(here: Membership, there: Membership, *, now: datetime) -> None:
    said = words(
        "membership_transferred",
        person=here.user,
        here=here,
        there=there,
        is_live=there.is_live(today=timezone.localdate(now)),
        role=Role(there.role).label,
    )
    mail.post(here.user.email, said, now=now)


def administrators_added(made: Sequence[Membership], *, by: User | None, now: datetime) -> None:
    """Tell a practice of those among some of its members who are new administrators, if any.

    Args:
        by: who made them administrators, and not who accepted that.
    """
    new = [each for each in made if each.role == Role.PRACTICE_ADMINISTRATOR]
    if not new:
        return
    member, who = new[0], [each.user for each in new]
    for address, hello in _greetings([member.practice_id], but=who, now=now).items():
        said = words(
            "administrators_added", hello=hello, member=member, administrators=who, by=by, at=now
        )
        mail.post(address, said, now=now)


class SettingChange(NamedTuple):
    """What a setting of a practice is called, and its value before and after."""

    what: str
    before: str
    after: str


def practice_changed(
    practice: Practice, change: SettingChange, *, also: Collection[str], by: User, now: datetime
) -> None:
    """Tell a practice of another value of a setting.

    Args:
        also: addresses that are told too.
    """
    for address, hello in _greetings([practice.pk], also=also, now=now).items():
        said = words(
            "practice_changed",
            hello=hello,
            practice=practice,
            what=change.what,
            before=change.before,
            after=change.after,
            by=by,
            at=now,
        )
        mail.post(address, said, now=now)
