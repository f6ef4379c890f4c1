"""The decision rule: what becomes of a referral by its pack, and by what the patient answers.

It never rejects. An emergency or a red flag stops it, with advice; who does not meet a pathway's
criteria is a minor illness.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import NamedTuple

from referrals.clinical.packs import (
    MEANINGS,
    MEDICINE_SUPPLY,
    MINOR_ILLNESS,
    Action,
    Group,
    Item,
    Pack,
    Pathway,
)


def age_on(day: date, *, born: date) -> int:
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


class TriageOutcome(StrEnum):
    STOP_999 = "stop_999"
    STOP_GP_SAME_DAY = "stop_gp_same_day"
    STOP_TOO_YOUNG = "stop_too_young"
    STOP_GP = "stop_gp"
    BLOCK_MEDICINE = "block_medicine"
    PATHWAY = "pathway"
    MINOR_ILLNESS = "minor_illness"
    UNANSWERED = "unanswered"

    @property
    def is_stop(self) -> bool:
        return self in _GRAVEST_FIRST


_GRAVEST_FIRST = (
    TriageOutcome.STOP_999,
    TriageOutcome.STOP_GP_SAME_DAY,
    TriageOutcome.STOP_TOO_YOUNG,
    TriageOutcome.STOP_GP,
)
_STOPS = {
    Action.CALL_999: TriageOutcome.STOP_999,
    Action.GP_SAME_DAY: TriageOutcome.STOP_GP_SAME_DAY,
    Action.GP: TriageOutcome.STOP_GP,
}


class TriageAnswer(StrEnum):
    YES = "yes"
    NO = "no"
    UNSURE = "unsure"


class AskedItem(NamedTuple):
    item: Item
    answer: TriageAnswer


@dataclass(frozen=True)
class TriageCase:
    """What the rule decides by."""

    pathway: str  # code of a pathway, MINOR_ILLNESS, MEDICINE_SUPPLY, or ""
    symptom_group: str  # of a minor illness
    age: int | None  # whole years on the day
    sex: str  # as in FHIR, or ""
    # As the form sends them: "q_" and a group's code ("none", "some", "unsure"), "shown_" and that
    # code (the items that stood there, by their codes with spaces between), "q_" and the code of
    # each item that is ticked ("yes").
    answers: Mapping[str, str]
    day: date
    has_prescriber: bool  # the pharmacy has, on that day; true while none is chosen


@dataclass(frozen=True)
class TriageDecision:
    outcome: TriageOutcome
    reasons: tuple[str, ...]  # sentences for who is at the desk
    advice: str  # the pack's words where the referral goes no further, else ""
    unanswered: tuple[str, ...]  # codes of the groups that must still be answered, in page order
    unspecified: frozenset[str]  # codes of groups to which yes was said, and not which it is
    # Of a group that was answered before, by its code: what it asks now and did not show then.
    unseen: Mapping[str, tuple[Item, ...]]
    asked: tuple[AskedItem, ...]
    not_asked: tuple[Item, ...]  # that would be asked of this patient, or were not answered
    groups: tuple[Group, ...]  # of both, in page order
    called: Mapping[str, str]  # by their codes, in words: "the emergency questions"
    left_out: tuple[str, ...]  # sentences: red flags under another condition than what was chosen
    instead: tuple[str, ...]  # names of pathways that fit, where a minor illness was chosen
    # What it is sent as; empty where it is not sent.
    pathway: str = ""
    symptom_group: str = ""
    effective_reason: str = ""


class _Verdict(NamedTuple):
    outcome: TriageOutcome
    reasons: tuple[str, ...]
    advice: str = ""


class _Reading(NamedTuple):
    """What was answered to a group: to each item, where something was."""

    group: Group
    said: str  # "none", "some" or "unsure"; "" where nothing was
    answers: tuple[tuple[Item, TriageAnswer | None], ...]
    unseen: tuple[Item, ...]  # what was not shown with what was said

    @property
    def is_unspecified(self) -> bool:
        return self.said == "some" and not any(answer for _, answer in self.answers)

    @property
    def stops_anyway(self) -> bool:
        """Whichever question it is, as of emergencies: nobody has to find out."""
        is_one = len({item.action for item in self.group.items}) == 1
        return self.is_unspecified and is_one and self.group.has_red_flags

    @property
    def is_complete(self) -> bool:
        return self.stops_anyway or bool(self.said and not self.unseen and not self.is_unspecified)


def groups_for(
    pack: Pack, pathway: str, symptom_group: str, *, age: int | None, sex: str
) -> tuple[Group, ...]:
    """Return the questions in page order, without those that are not asked of this patient."""
    groups = pack.groups(pathway, symptom_group)
    return tuple(asked for each in groups if (asked := each.asked_of(age=age, sex=sex)).items)


def answer_to(group: Group, answers: Mapping[str, str], *, age: int | None, sex: str) -> str:
    """Return "none", "some" or "unsure"; "" where something is asked that was not shown then."""
    reading = _read(group.asked_of(age=age, sex=sex), answers)
    return "" if reading.unseen else reading.said


def decide(pack: Pack, case: TriageCase) -> TriageDecision:
    groups = groups_for(pack, case.pathway, case.symptom_group, age=case.age, sex=case.sex)
    readings = [_read(group, case.answers) for group in groups]
    items = [each for reading in readings for each in reading.answers]
    pathway = pack.pathway(case.pathway)
    misfits = () if pathway is None else tuple(_misfits(pathway, case))
    unanswered = tuple(
        reading.group.code
        for reading in readings
        # Who cannot be seen in the pathway anyway need not be asked what else rules it out.
        if not reading.is_complete and (not misfits or reading.group.has_red_flags)
    )
    verdict = (
        _stop(pack, case, readings)
        or _block(pack, case)
        or _what_is_missing(pack, case, unanswered)
        or _strand(pack, pathway, misfits, readings)
    )
    sent = _sent_as(verdict.outcome, case, pathway)
    return TriageDecision(
        outcome=verdict.outcome,
        reasons=verdict.reasons,
        advice=verdict.advice,
        unanswered=unanswered,
        unspecified=frozenset(each.group.code for each in readings if each.is_unspecified),
        unseen={each.group.code: each.unseen for each in readings if each.unseen},
        asked=tuple(AskedItem(item, answer) for item, answer in items if answer is not None),
        not_asked=tuple(item for item, answer in items if answer is None),
        groups=groups,
        called={each.code: pack.called(each) for each in groups},
        left_out=tuple(_left_out(pack, case, groups)),
        instead=_instead(pack, case) if verdict.outcome is TriageOutcome.MINOR_ILLNESS else (),
        pathway=sent[0],
        symptom_group=sent[1],
        effective_reason=pack.reason(*sent),
    )


def _read(group: Group, answers: Mapping[str, str]) -> _Reading:
    """A tick is a yes wherever it comes from; what else is said, is said of what was shown."""
    said = answers.get(f"q_{group.code}", "")
    ticked = {item.code for item in group.items if answers.get(f"q_{item.code}") == "yes"}
    shown = set(answers.get(f"shown_{group.code}", "").split())
    if said not in {"none", "some", "unsure"} or shown.isdisjoint(i.code for i in group.items):
        said = ""
    others: TriageAnswer | None = None
    if said == "none" or (said == "some" and ticked):
        others = TriageAnswer.NO
    elif said == "unsure":
        others = TriageAnswer.UNSURE
    of_shown = dict.fromkeys(shown, others)
    known = ticked | shown
    return _Reading(
        group,
        said,
        tuple(
            (item, TriageAnswer.YES if item.code in ticked else of_shown.get(item.code))
            for item in group.items
        ),
        tuple(item for item in group.items if said and item.code not in known),
    )


def _misfits(pathway: Pathway, case: TriageCase) -> Iterator[str]:
    if not pathway.is_in_force(case.day):
        yield f"{pathway.name} is not a clinical pathway on {_said(case.day)}."
    if pathway.needs_prescriber and not case.has_prescriber:
        yield f"{pathway.name} needs a prescriber, and this pharmacy has none today."
    is_sex = not pathway.sex or not case.sex or case.sex == pathway.sex
    is_age = case.age is None or (
        pathway.youngest <= case.age and (pathway.oldest is None or case.age <= pathway.oldest)
    )
    if not is_sex or not is_age:
        but = "" if is_age else f", and the patient is {case.age}"
        yield f"{pathway.name} referrals are only for {pathway.who}{but}."


def _stop(pack: Pack, case: TriageCase, readings: list[_Reading]) -> _Verdict | None:
    found = [
        (_STOPS[action], sentence)
        for reading in readings
        for action, sentence in _positives(pack, reading)
        if action in _STOPS
    ]
    if case.age is not None and case.age < pack.youngest:
        years = "1 year" if pack.youngest == 1 else f"{pack.youngest} years"
        found.append((TriageOutcome.STOP_TOO_YOUNG, f"The patient is younger than {years}."))
    if not found:
        return None
    found.sort(key=lambda each: _GRAVEST_FIRST.index(each[0]))
    outcome = found[0][0]
    advice = {
        TriageOutcome.STOP_999: pack.advice.call_999,
        TriageOutcome.STOP_GP_SAME_DAY: pack.advice.gp_same_day,
        TriageOutcome.STOP_TOO_YOUNG: pack.advice.too_young,
        TriageOutcome.STOP_GP: pack.advice.gp,
    }[outcome]
    return _Verdict(outcome, tuple(sentence for _, sentence in found), advice)


def _positives(pack: Pack, reading: _Reading) -> Iterator[tuple[Action, str]]:
    """Yield what counts as yes, with a sentence for each yes and one for all that is not known."""
    called = pack.called(reading.group)
    if reading.stops_anyway:
        yield (
            reading.group.items[0].action,
            f"The answer to {called} was yes; which of them was not said.",
        )
    for item, answer in reading.answers:
        if answer is TriageAnswer.YES:
            yield item.action, f"The answer to “{item.ask}” was yes."
    unsure = [item.action for item, answer in reading.answers if answer is TriageAnswer.UNSURE]
    if unsure:
        gravest = min(unsure, key=lambda action: action.gravity)
        yield gravest, f"Not sure about {called}, which counts as yes."


def _block(pack: Pack, case: TriageCase) -> _Verdict | None:
    if case.pathway != MEDICINE_SUPPLY:
        return None
    reason = "A practice cannot refer to a pharmacy for a supply of medicine."
    return _Verdict(TriageOutcome.BLOCK_MEDICINE, (reason,), pack.advice.medicine_supply)


def _what_is_missing(pack: Pack, case: TriageCase, unanswered: tuple[str, ...]) -> _Verdict | None:
    reasons = []
    pathway = pack.pathway(case.pathway)
    if pathway is None and case.pathway != MINOR_ILLNESS:
        reasons.append("What the referral is for is not chosen yet.")
    if case.pathway == MINOR_ILLNESS and pack.symptom_group(case.symptom_group) is None:
        reasons.append("The group of symptoms is not chosen yet.")
    if case.age is None:
        reasons.append("The date of birth is missing.")
    if pathway is not None and pathway.sex and not case.sex:
        reasons.append("The sex is missing.")
    if unanswered:
        reasons.append("Some questions are not answered yet.")
    return _Verdict(TriageOutcome.UNANSWERED, tuple(reasons)) if reasons else None


def _strand(
    pack: Pack,
    pathway: Pathway | None,
    misfits: tuple[str, ...],
    readings: list[_Reading],
) -> _Verdict:
    if pathway is None:
        return _Verdict(TriageOutcome.MINOR_ILLNESS, ())
    unmet = tuple(sentence for reading in readings for _, sentence in _positives(pack, reading))
    if misfits or unmet:
        return _Verdict(TriageOutcome.MINOR_ILLNESS, misfits + unmet)
    return _Verdict(TriageOutcome.PATHWAY, ())


def _sent_as(outcome: TriageOutcome, case: TriageCase, pathway: Pathway | None) -> tuple[str, str]:
    """Return pathway and symptom group, both empty where it is not sent."""
    if outcome is TriageOutcome.PATHWAY:
        return case.pathway, ""
    if outcome is TriageOutcome.MINOR_ILLNESS:
        return MINOR_ILLNESS, case.symptom_group if pathway is None else pathway.minor_illness
    return "", ""


def _instead(pack: Pack, case: TriageCase) -> tuple[str, ...]:
    # By age and sex.
    if case.pathway != MINOR_ILLNESS:
        return ()
    found = pack.sent_as(case.symptom_group)
    return tuple(each.name for each in found if not any(_misfits(each, case)))


def _left_out(pack: Pack, case: TriageCase, asked: tuple[Group, ...]) -> Iterator[str]:
    """Yield what would have stopped it, had another condition not been chosen since."""
    codes = {group.code for group in asked}
    for condition in pack.conditions:
        for group in condition.groups:
            if group.code in codes or not group.has_red_flags:
                continue
            reading = _read(group.asked_of(age=case.age, sex=case.sex), case.answers)
            for item, answer in reading.answers:
                if answer is TriageAnswer.YES and item.is_red_flag:
                    means = MEANINGS[item.action]
                    yield f"You also answered yes to “{item.ask}” under {condition.name} ({means})."
            if reading.said == "unsure" or reading.is_unspecified:
                said = "not sure" if reading.said == "unsure" else "yes"
                yield f"You also answered “{said}” to {pack.called(group)}."


def _said(day: date) -> str:
    return f"{day.day} {day:%B %Y}"
