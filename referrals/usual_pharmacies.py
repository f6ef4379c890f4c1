"""What a practice's administrators say of pharmacies: which are usual, and which are full."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from accounts.actor import Actor
from accounts.people import memberships, practice_settings
from referrals import policy
from referrals.models.pharmacies import FullToday, Pharmacy, UsualPharmacy
from referrals.models.referrals import StaleError


@contextmanager
def _picking(ods_code: str, what: str, actor: Actor) -> Iterator[list[UsualPharmacy]]:
    """Give a practice's picked ones to be put in another order, and store and note that.

    Raises:
        accounts.errors.Gone: the actor is no administrator there any more.
    """
    with memberships.looking_after(actor) as practice:
        found = UsualPharmacy.objects.filter(practice=practice).select_related("pharmacy")
        picked = list(found.order_by("position"))
        before = picked.copy()
        yield picked
        if picked != before:
            for each in before:
                if each not in picked:
                    each.delete()
            for position, each in enumerate(picked):
                each.practice, each.position = practice, position
                each.save()
            said = f"usual pharmacy {ods_code} {what}"
            practice_settings.note_change(practice, said, actor)


def add_usual(ods_code: str, actor: Actor) -> None:
    """Put a pharmacy at the end of those that a practice has picked; once there, it stays.

    Raises:
        Denied: it takes no referrals, or there are as many as there can be.
        accounts.errors.Gone: the actor is no administrator there any more.
    """
    with _picking(ods_code, "added", actor) as picked:
        if ods_code not in _codes(picked):
            # Also what is closed at this moment: the list is for other days too.
            pharmacy = Pharmacy.objects.offered().filter(ods_code=ods_code).first()
            policy.check_can_pick(pharmacy, picked)
            picked.append(UsualPharmacy(pharmacy=pharmacy))


def remove_usual(ods_code: str, actor: Actor) -> None:
    """Take a pharmacy away from those that a practice has picked, if it is one of them.

    Raises:
        accounts.errors.Gone: the actor is no administrator there any more.
    """
    with _picking(ods_code, "removed", actor) as picked:
        picked[:] = [each for each in picked if each.pharmacy.ods_code != ods_code]


def move_usual(ods_code: str, *, is_up: bool, seen: Sequence[str], actor: Actor) -> None:
    """Let a pharmacy change places with the one above or below it; at the end it stays.

    Args:
        seen: the ODS codes in the order that the person has seen.

    Raises:
        StaleError: it is not that order any more.
        accounts.errors.Gone: the actor is no administrator there any more.
    """
    what = f"moved {'up' if is_up else 'down'}"
    with _picking(ods_code, what, actor) as picked:
        codes = _codes(picked)
        if codes != list(seen) or ods_code not in codes:
            raise StaleError
        here = codes.index(ods_code)
        there = here - 1 if is_up else here + 1
        if 0 <= there < len(picked):
            picked[here], picked[there] = picked[there], picked[here]


def note_full(ods_code: str, actor: Actor) -> None:
    """Raises Denied where it takes no referrals anyway; Gone as the others do."""
    with memberships.looking_after(actor) as practice:
        pharmacy = Pharmacy.objects.offered().filter(ods_code=ods_code).first()
        policy.check_can_note_full(pharmacy)
        today = {"on": actor.today}
        if FullToday.objects.filter(practice=practice, pharmacy=pharmacy, **today).exists():
            return
        FullToday.objects.update_or_create(practice=practice, pharmacy=pharmacy, defaults=today)
        practice_settings.note_change(practice, f"pharmacy {ods_code} full today", actor)


def note_not_full(ods_code: str, actor: Actor) -> None:
    with memberships.looking_after(actor) as practice:
        noted = FullToday.objects.filter(practice=practice, pharmacy__ods_code=ods_code)
        if noted.filter(on=actor.today).delete()[0]:
            practice_settings.note_change(practice, f"pharmacy {ods_code} not full", actor)


def _codes(picked: Sequence[UsualPharmacy]) -> list[str]:
    return [each.pharmacy.ods_code for each in picked]
