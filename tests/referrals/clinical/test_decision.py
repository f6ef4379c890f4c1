"""The decision rule, case by case and by properties that hold whatever is answered."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as some

from referrals.clinical.decision import (
    TriageAnswer,
    TriageCase,
    TriageDecision,
    TriageOutcome,
    age_on,
    answer_to,
    decide,
    groups_for,
)
from referrals.clinical.packs import MEDICINE_SUPPLY, MINOR_ILLNESS, Action, Group, Pack
from tests.clinical_content import FIRST, groups_of
from tests.clinical_content import answered as with_shown
from tests.referrals.clinical.samples import CONJUNCTIVITIS, COUGH, WIDE

TODAY = date(2026, 11, 30)
PATHWAYS = [pathway.code for pathway in FIRST.pathways]
FITTING_AGE = {pathway.code: pathway.youngest for pathway in FIRST.pathways} | {"uti": 34}
# From what goes on to what stops it at once.
GRAVITY = (
    TriageOutcome.PATHWAY,
    TriageOutcome.MINOR_ILLNESS,
    TriageOutcome.STOP_GP,
    TriageOutcome.STOP_TOO_YOUNG,
    TriageOutcome.STOP_GP_SAME_DAY,
    TriageOutcome.STOP_999,
)


def case(pathway: str = "", **other: Any) -> TriageCase:
    """Return a woman of 34, or the youngest whom the pathway is for; nothing is answered."""
    usual: dict[str, Any] = {
        "symptom_group": "",
        "age": FITTING_AGE.get(pathway, 34),
        "sex": "female",
    }
    usual |= {"answers": {}, "day": TODAY, "has_prescriber": False}
    return TriageCase(pathway, **usual | other)


def asked(pack: Pack, of: TriageCase) -> tuple[Group, ...]:
    return groups_for(pack, of.pathway, of.symptom_group, age=of.age, sex=of.sex)


def all_no(pack: Pack, of: TriageCase) -> dict[str, str]:
    return with_shown({f"q_{group.code}": "none" for group in asked(pack, of)}, pack)


def decided(pathway: str, pack: Pack = FIRST, *, answers: dict[str, str], **other: Any) -> Any:
    """Decide where all is answered with no, but for some answers."""
    of = case(pathway, **other)
    return decide(pack, replace(of, answers=all_no(pack, of) | answers))


def emergency(said: str) -> dict[str, str]:
    return with_shown({"q_emergency": said})


@some.composite
def answers(draw: some.DrawFn, groups: tuple[Group, ...]) -> dict[str, str]:
    """Answer every group, in any way that the page allows, contradictions included."""
    said: dict[str, str] = {}
    for group in groups:
        answer = draw(some.sampled_from(["none", "some", "unsure"]))
        said[f"q_{group.code}"] = answer
        # Where all of it is as grave nobody has to say which it is.
        fewest = int(answer == "some" and not is_alike(group))
        for item in draw(some.sets(some.sampled_from(group.items), min_size=fewest, max_size=2)):
            said[f"q_{item.code}"] = "yes"
    return with_shown(said, WIDE)


def is_alike(group: Group) -> bool:
    return group.has_red_flags and len({item.action for item in group.items}) == 1


@some.composite
def cases(draw: some.DrawFn, *, complete: bool = True) -> TriageCase:
    """Return a patient for whom everything is said that has to be."""
    of = case(
        draw(some.sampled_from([*PATHWAYS, CONJUNCTIVITIS.code, MINOR_ILLNESS, MEDICINE_SUPPLY])),
        symptom_group=draw(
            some.sampled_from(["Cough", "Itch", "Sore throat", FIRST.other_minor_illness])
        ),
        age=draw(some.sampled_from([0, 1, 4, 5, 11, 12, 15, 16, 17, 18, 55, 56, 64, 65, 130])),
        sex=draw(some.sampled_from(["female", "male", "other", "unknown"])),
        day=draw(some.dates(date(2026, 11, 1), date(2027, 10, 31))),
        has_prescriber=draw(some.booleans()),
    )
    return replace(of, answers=draw(answers(asked(WIDE, of)))) if complete else of


ANYTHING = some.text(max_size=12)
CODES = [g.code for p in WIDE.pathways for g in p.groups] + [i.code for i in WIDE.emergency.items]


@given(
    pathway=ANYTHING | some.sampled_from([*PATHWAYS, MINOR_ILLNESS, MEDICINE_SUPPLY]),
    symptom_group=ANYTHING | some.sampled_from(["Cough", "cough"]),
    age=some.none() | some.integers(-5, 200),
    sex=ANYTHING | some.sampled_from(["female", "male"]),
    said=some.dictionaries(
        ANYTHING
        | some.sampled_from(CODES).map("q_{}".format)
        | some.sampled_from(CODES).map("shown_{}".format),
        ANYTHING
        | some.sampled_from(["none", "some", "unsure", "yes"])
        | some.lists(some.sampled_from(CODES), max_size=4).map(" ".join),
        max_size=8,
    ),
    day=some.dates(),
)
def test_whatever_is_sent_something_is_decided(said: dict[str, str], **other: Any) -> None:
    of = TriageCase(answers=said, has_prescriber=False, **other)
    decision = decide(WIDE, of)
    assert decision.reasons or decision.outcome in {
        TriageOutcome.PATHWAY,
        TriageOutcome.MINOR_ILLNESS,
    }
    check_parts_agree(WIDE, of, decision)


@given(cases())
def test_the_parts_of_a_decision_agree(of: TriageCase) -> None:
    check_parts_agree(WIDE, of, decide(WIDE, of))


def check_parts_agree(pack: Pack, of: TriageCase, decision: TriageDecision) -> None:
    items = [item for group in asked(pack, of) for item in group.items]
    said = [each.item for each in decision.asked]
    assert sorted(i.code for i in (*said, *decision.not_asked)) == sorted(i.code for i in items)
    is_sent = decision.outcome in {TriageOutcome.PATHWAY, TriageOutcome.MINOR_ILLNESS}
    assert is_sent is bool(decision.pathway) is bool(decision.effective_reason)
    assert is_sent <= (not decision.unanswered)
    is_ended = decision.outcome.is_stop or decision.outcome is TriageOutcome.BLOCK_MEDICINE
    assert is_ended is bool(decision.advice)
    assert set(decision.unanswered) <= {group.code for group in asked(pack, of)}
    assert all(sentence.endswith(".") for sentence in decision.reasons)


@given(of=cases(), pick=some.data())
def test_one_more_yes_or_unsure_never_leads_to_something_less_grave(
    of: TriageCase, pick: some.DataObject
) -> None:
    before = decide(WIDE, of)
    groups = asked(WIDE, of)
    group = pick.draw(some.sampled_from(groups))
    item = pick.draw(some.sampled_from(group.items))
    worse = pick.draw(some.sampled_from([{f"q_{item.code}": "yes"}, {f"q_{group.code}": "unsure"}]))
    after = decide(WIDE, replace(of, answers={**of.answers, **worse}))
    if before.outcome is TriageOutcome.BLOCK_MEDICINE:
        assert after.outcome in {TriageOutcome.BLOCK_MEDICINE, TriageOutcome.STOP_999}
    else:
        assert GRAVITY.index(after.outcome) >= GRAVITY.index(before.outcome)


@given(cases())
def test_the_gravest_of_what_is_yes_or_unknown_decides(of: TriageCase) -> None:
    positive = {i.action for g in asked(WIDE, of) for i in g.items if counts_as_yes(of, g, i.code)}
    outcome = decide(WIDE, of).outcome
    if Action.CALL_999 in positive:
        assert outcome is TriageOutcome.STOP_999
    elif Action.GP_SAME_DAY in positive:
        assert outcome is TriageOutcome.STOP_GP_SAME_DAY
    elif of.age == 0:
        assert outcome is TriageOutcome.STOP_TOO_YOUNG
    elif Action.GP in positive:
        assert outcome is TriageOutcome.STOP_GP
    elif of.pathway == MEDICINE_SUPPLY:
        assert outcome is TriageOutcome.BLOCK_MEDICINE
    else:
        pathway = WIDE.pathway(of.pathway)
        may = pathway is not None and Action.MINOR_ILLNESS not in positive and fits(of)
        assert outcome is (TriageOutcome.PATHWAY if may else TriageOutcome.MINOR_ILLNESS)


def has_ticks(of: TriageCase, group: Group) -> bool:
    return any(of.answers.get(f"q_{item.code}") == "yes" for item in group.items)


def counts_as_yes(of: TriageCase, group: Group, code: str) -> bool:
    said = of.answers[f"q_{group.code}"]
    is_unknown = said == "unsure" or (said == "some" and not has_ticks(of, group))
    return is_unknown or of.answers.get(f"q_{code}") == "yes"


def fits(of: TriageCase) -> bool:
    """Say whether the pathway is for this patient on this day, as facts and not as the pack say."""
    age = of.age or 0
    return {
        "uti": of.sex == "female" and 16 <= age < 65,
        "shingles": age >= 18,
        "impetigo": age >= 1,
        "insect_bite": age >= 1,
        "sore_throat": age >= 5,
        "sinusitis": age >= 12,
        "otitis_media": 1 <= age < 18,
        CONJUNCTIVITIS.code: age >= 2
        and of.has_prescriber
        and date(2026, 12, 1) <= of.day <= date(2027, 3, 31),
    }[of.pathway]


@given(of=cases(), pick=some.data())
def test_a_group_without_an_answer_must_be_answered_unless_something_stops_it(
    of: TriageCase, pick: some.DataObject
) -> None:
    group = pick.draw(some.sampled_from(asked(WIDE, of)))
    left = {n: a for n, a in of.answers.items() if n != f"q_{group.code}"}
    left = {n: a for n, a in left.items() if n[2:] not in {item.code for item in group.items}}
    decision = decide(WIDE, replace(of, answers=left))
    if decision.outcome.is_stop or decision.outcome is TriageOutcome.BLOCK_MEDICINE:
        return
    if not group.has_red_flags and not fits(of):
        assert decision.outcome is TriageOutcome.MINOR_ILLNESS  # whatever the answer would be
        return
    assert decision.outcome is TriageOutcome.UNANSWERED
    assert decision.unanswered == (group.code,)
    assert set(group.items) <= set(decision.not_asked)


@given(of=cases(), pick=some.data())
def test_what_was_not_shown_was_not_answered(of: TriageCase, pick: some.DataObject) -> None:
    group = pick.draw(some.sampled_from(asked(WIDE, of)))
    hidden = pick.draw(some.sets(some.sampled_from(group.items), min_size=1))
    shown = [item.code for item in group.items if item not in hidden]
    less = {**of.answers, f"shown_{group.code}": " ".join([*shown, "of_another_pack"])}
    decision = decide(WIDE, replace(of, answers=less))
    check_parts_agree(WIDE, of, decision)
    ticked = {item for item in hidden if of.answers.get(f"q_{item.code}") == "yes"}
    unknown = hidden - ticked
    assert unknown <= set(decision.not_asked)
    said = {each.item: each.answer for each in decision.asked}
    assert {said[item] for item in ticked} <= {TriageAnswer.YES}
    if shown and not unknown:
        assert decision == decide(WIDE, of)
    elif not decision.outcome.is_stop and (group.has_red_flags or fits_or_is_none(of)):
        assert group.code in decision.unanswered
        assert decision.outcome in {TriageOutcome.UNANSWERED, TriageOutcome.BLOCK_MEDICINE}
        assert set(decision.unseen.get(group.code, ())) == (unknown if shown else set())
        assert answer_to(group, less, age=of.age, sex=of.sex) == ""


def fits_or_is_none(of: TriageCase) -> bool:
    return WIDE.pathway(of.pathway) is None or fits(of)


@given(cases())
def test_an_answer_holds_where_all_was_shown(of: TriageCase) -> None:
    for group in asked(WIDE, of):
        whole = next(each for each in groups_of(WIDE) if each.code == group.code)
        said = answer_to(whole, of.answers, age=of.age, sex=of.sex)
        assert said == of.answers[f"q_{group.code}"]


def test_a_pregnancy_that_was_not_asked_of_a_man_is_asked_of_a_woman() -> None:
    man = case("shingles", sex="male")
    shown = {f"shown_{g.code}": " ".join(i.code for i in g.items) for g in asked(FIRST, man)}
    of = replace(man, answers=all_no(FIRST, man) | shown)
    assert decide(FIRST, of).outcome is TriageOutcome.PATHWAY
    decision = decide(FIRST, replace(of, sex="female", age=34))
    assert decision.outcome is TriageOutcome.UNANSWERED
    assert decision.unanswered == ("shingles_criteria",)
    assert [item.code for item in decision.unseen["shingles_criteria"]] == ["shingles_pregnant"]
    ill = {**of.answers, "q_shingles_eye": "yes"}
    ill_woman = replace(of, sex="female", age=34, answers=ill)
    assert decide(FIRST, ill_woman).outcome is TriageOutcome.STOP_999


@pytest.mark.parametrize("item", FIRST.emergency.items, ids=lambda item: item.code)
def test_an_emergency_stops_even_where_nothing_else_is_said(item: Any) -> None:
    decision = decide(FIRST, case("", age=None, sex="", answers={f"q_{item.code}": "yes"}))
    assert decision.outcome is TriageOutcome.STOP_999
    assert decision.reasons == (f"The answer to “{item.ask}” was yes.",)
    assert decision.advice == FIRST.advice.call_999


def test_an_emergency_of_which_nobody_is_sure_counts_as_yes() -> None:
    decision = decide(FIRST, case("", age=None, answers=emergency("unsure")))
    assert decision.outcome is TriageOutcome.STOP_999
    assert decision.reasons == ("Not sure about the emergency questions, which counts as yes.",)
    assert [each.answer for each in decision.asked] == [TriageAnswer.UNSURE] * 9


def test_where_all_of_it_is_999_a_yes_stops_though_nobody_has_said_which_it_is() -> None:
    decision = decided("shingles", answers={"q_shingles_red_flags": "some"})
    assert decision.outcome is TriageOutcome.STOP_999
    assert decision.reasons == (
        "The answer to the questions on shingles was yes; which of them was not said.",
    )


def test_an_emergency_stops_though_nobody_has_said_which_it_is() -> None:
    decision = decide(FIRST, case("", age=None, answers=emergency("some")))
    assert decision.outcome is TriageOutcome.STOP_999
    assert decision.reasons == (
        "The answer to the emergency questions was yes; which of them was not said.",
    )
    assert not decision.asked
    assert not decision.unanswered
    ticked = emergency("some") | {"q_emergency_fit": "yes"}
    assert decide(FIRST, case("", answers=ticked)).reasons == (
        "The answer to “is having a fit, or has just had one” was yes.",
    )


@given(of=cases(), pick=some.data())
def test_which_question_is_a_yes_must_be_said_unless_something_stops_it(
    of: TriageCase, pick: some.DataObject
) -> None:
    groups = [group for group in asked(WIDE, of) if not is_alike(group)]
    assume(groups)
    group = pick.draw(some.sampled_from(groups))
    ticks = {f"q_{item.code}" for item in group.items}
    said = {n: a for n, a in of.answers.items() if n not in ticks} | {f"q_{group.code}": "some"}
    decision = decide(WIDE, replace(of, answers=said))
    assert group.code in decision.unspecified
    assert set(group.items) <= set(decision.not_asked)
    assert answer_to(group, said, age=of.age, sex=of.sex) == "some"
    none = decide(WIDE, replace(of, answers=said | {f"q_{group.code}": "none"}))
    if none.outcome.is_stop or (not group.has_red_flags and not fits(of)):
        assert (decision.outcome, decision.reasons) == (none.outcome, none.reasons)
    else:
        assert decision.outcome is TriageOutcome.UNANSWERED
        assert group.code in decision.unanswered


def test_a_tick_counts_although_none_of_these_was_chosen_too() -> None:
    decision = decided("sore_throat", answers={"q_sore_throat_quinsy": "yes"})
    assert decision.outcome is TriageOutcome.STOP_GP_SAME_DAY
    said = {each.item.code: each.answer for each in decision.asked}
    assert said["sore_throat_quinsy"] is TriageAnswer.YES
    assert said["sore_throat_cancer"] is TriageAnswer.NO


def test_ticks_with_some_leave_the_others_at_no_and_with_unsure_unknown() -> None:
    ticked = {"q_insect_bite_animal": "yes"}
    group = "q_insect_bite_red_flags"
    some_of_it = decided("insect_bite", answers=ticked | {group: "some"})
    assert some_of_it.outcome is TriageOutcome.STOP_GP
    assert len(some_of_it.reasons) == 1
    unsure = decided("insect_bite", answers=ticked | {group: "unsure"})
    assert unsure.outcome is TriageOutcome.STOP_999
    assert unsure.reasons == (
        "Not sure about the questions on infected insect bite, which counts as yes.",
        "The answer to “was bitten or scratched by an animal, or bitten by a person” was yes.",
    )


@pytest.mark.parametrize("pathway", PATHWAYS)
def test_who_meets_all_criteria_goes_in_the_pathway(pathway: str) -> None:
    decision = decided(pathway, answers={})
    assert decision.outcome is TriageOutcome.PATHWAY
    assert (decision.pathway, decision.symptom_group) == (pathway, "")
    assert decision.effective_reason.endswith("(Pharmacy First clinical pathway)")
    assert decision.reasons == decision.not_asked == ()


def test_a_criterion_that_nobody_knows_counts_as_not_met() -> None:
    decision = decided("uti", answers={"q_uti_criteria": "unsure"})
    assert decision.outcome is TriageOutcome.MINOR_ILLNESS
    assert decision.symptom_group == "Pain and/or frequency passing urine"
    assert decision.reasons == (
        (
            "Not sure about the other questions on uncomplicated urinary tract infection, which "
            "counts as yes."
        ),
    )
    unsure = [each.item.code for each in decision.asked if each.answer is TriageAnswer.UNSURE]
    assert unsure == ["uti_catheter", "uti_recurrent"]  # as the pharmacy reads it


@pytest.mark.parametrize("pathway", PATHWAYS)
def test_every_criterion_that_is_not_met_makes_it_a_minor_illness(pathway: str) -> None:
    found = FIRST.pathway(pathway)
    assert found is not None
    for group in found.groups:
        for item in group.items:
            if item.is_red_flag:
                continue
            age = max(FITTING_AGE[pathway], item.from_age)
            decision = decided(pathway, answers={f"q_{item.code}": "yes"}, age=age)
            assert decision.outcome is TriageOutcome.MINOR_ILLNESS
            assert decision.pathway == MINOR_ILLNESS
            assert decision.symptom_group == found.minor_illness


@pytest.mark.parametrize("pathway", [*PATHWAYS, MINOR_ILLNESS, MEDICINE_SUPPLY, ""])
def test_under_one_year_it_is_for_the_gp(pathway: str) -> None:
    decision = decide(FIRST, case(pathway, age=0, sex="male"))
    assert decision.outcome is TriageOutcome.STOP_TOO_YOUNG
    assert decision.advice == FIRST.advice.too_young
    assert decision.reasons == ("The patient is younger than 1 year.",)


def test_a_baby_with_an_emergency_needs_999() -> None:
    decision = decide(FIRST, case("", age=0, answers={"q_emergency_fit": "yes"}))
    assert decision.outcome is TriageOutcome.STOP_999
    assert decision.advice == FIRST.advice.call_999
    assert len(decision.reasons) == 2


def test_medicine_supply_is_explained_and_blocked() -> None:
    decision = decide(FIRST, case(MEDICINE_SUPPLY))
    assert decision.outcome is TriageOutcome.BLOCK_MEDICINE
    assert decision.advice == FIRST.advice.medicine_supply
    assert decision.effective_reason == ""


def test_a_minor_illness_needs_its_group_and_the_emergency_questions_only() -> None:
    of = case(MINOR_ILLNESS, symptom_group="Itch", answers=emergency("none"))
    assert decide(FIRST, of).outcome is TriageOutcome.MINOR_ILLNESS
    assert decide(FIRST, of).effective_reason == "Itch (Pharmacy First minor illness)"
    without = decide(FIRST, replace(of, symptom_group=""))
    assert without.outcome is TriageOutcome.UNANSWERED
    assert without.reasons == ("The group of symptoms is not chosen yet.",)
    unscreened = decide(FIRST, replace(of, answers={}))
    assert unscreened.unanswered == ("emergency",)


def test_a_symptom_group_may_ask_questions_of_its_own() -> None:
    of = case(MINOR_ILLNESS, symptom_group="Cough", answers=emergency("none"))
    assert decide(WIDE, of).unanswered == (COUGH.groups[0].code,)
    more = {"shown_cough_red_flags": "cough_blood"}
    stopped = replace(of, answers={**of.answers, **more, "q_cough_red_flags": "unsure"})
    assert decide(WIDE, stopped).outcome is TriageOutcome.STOP_GP_SAME_DAY
    fine = replace(of, answers={**of.answers, **more, "q_cough_red_flags": "none"})
    assert decide(WIDE, fine).outcome is TriageOutcome.MINOR_ILLNESS


INHERITED = {
    "Sore throat": ["sore_throat_red_flags"],
    "Earache": ["otitis_media_red_flags"],
    "Sinusitis": ["sinusitis_red_flags"],
    "Pain and/or frequency passing urine": ["uti_red_flags"],
    "Skin, blisters or rash": ["impetigo_red_flags", "shingles_red_flags"],
    "Bites or stings, insect or spider": ["insect_bite_red_flags"],
    "Cough": [],
    FIRST.other_minor_illness: [],
}


@pytest.mark.parametrize(("symptom_group", "codes"), INHERITED.items())
def test_a_minor_illness_asks_the_red_flags_of_its_pathways(
    symptom_group: str, codes: list[str]
) -> None:
    of = case(MINOR_ILLNESS, symptom_group=symptom_group, answers=emergency("none"))
    assert [group.code for group in asked(FIRST, of)] == ["emergency", *codes]
    assert list(decide(FIRST, of).unanswered) == codes
    fine = decide(FIRST, replace(of, answers=all_no(FIRST, of)))
    assert fine.outcome is TriageOutcome.MINOR_ILLNESS
    assert not fine.not_asked
    assert not fine.reasons
    for group in asked(FIRST, of)[1:]:
        for item in group.items:
            ill = replace(of, answers=all_no(FIRST, of) | {f"q_{item.code}": "yes"})
            assert decide(FIRST, ill).outcome.is_stop


@pytest.mark.parametrize(
    ("symptom_group", "age", "sex", "fitting"),
    [
        ("Sore throat", 34, "female", ["Acute sore throat"]),
        ("Sore throat", 4, "female", []),
        ("Skin, blisters or rash", 34, "male", ["Impetigo", "Shingles"]),
        ("Skin, blisters or rash", 17, "male", ["Impetigo"]),
        ("Pain and/or frequency passing urine", 34, "male", []),
        ("Cough", 34, "female", []),
    ],
)
def test_a_pathway_that_fits_is_named_where_its_minor_illness_was_chosen(
    symptom_group: str, age: int, sex: str, fitting: list[str]
) -> None:
    of = case(MINOR_ILLNESS, symptom_group=symptom_group, age=age, sex=sex)
    assert list(decide(FIRST, replace(of, answers=all_no(FIRST, of))).instead) == fitting
    assert decide(FIRST, of).instead == ()  # something is to be answered first
    # Of whom the pathway does not fit nothing is said.
    assert decided("sore_throat", answers={}, age=4).instead == ()


@pytest.mark.parametrize(
    ("other", "sentences"),
    [
        (
            {"q_sore_throat_red_flags": "some", "q_sore_throat_quinsy": "yes"},
            [
                (
                    "You also answered yes to “has pain on one side that gets worse” under Acute "
                    "sore throat (GP today)."
                )
            ],
        ),
        (
            {"q_sore_throat_red_flags": "unsure"},
            ["You also answered “not sure” to the questions on acute sore throat."],
        ),
        (
            {"q_sore_throat_red_flags": "some"},
            ["You also answered “yes” to the questions on acute sore throat."],
        ),
        ({"q_sore_throat_red_flags": "none"}, []),
        ({"q_shingles_criteria": "some", "q_shingles_late": "yes"}, []),  # no red flag
        ({"q_uti_discharge": "yes"}, []),  # no question for a man
    ],
)
def test_a_red_flag_of_the_condition_that_was_chosen_before_is_told(
    other: dict[str, str], sentences: list[str]
) -> None:
    answers = with_shown(other)
    decision = decided("sinusitis", answers=answers, age=34, sex="male")
    assert decision.outcome is TriageOutcome.PATHWAY
    assert list(decision.left_out) == sentences
    # Where it is asked it stops, and is not said again.
    asked_now = decide(
        FIRST, case(MINOR_ILLNESS, symptom_group="Sore throat", sex="male", answers=answers)
    )
    assert asked_now.left_out == ()


@pytest.mark.parametrize(
    ("age", "sex", "codes"),
    [
        (34, "male", set()),
        (39, "female", {"uti_discharge"}),
        (40, "female", {"uti_discharge", "uti_menopause"}),
        (70, "other", {"uti_discharge", "uti_menopause"}),
    ],
)
def test_questions_for_women_are_not_asked_of_men(age: int, sex: str, codes: set[str]) -> None:
    groups = groups_for(FIRST, "uti", "", age=age, sex=sex)
    found = {item.code for group in groups for item in group.items}
    assert found & {"uti_discharge", "uti_menopause"} == codes


@pytest.mark.parametrize(
    ("day", "has_prescriber", "reason"),
    [
        (date(2026, 11, 30), True, "is not a clinical pathway on 30 November 2026."),
        (date(2026, 12, 1), True, ""),
        (date(2027, 3, 31), True, ""),
        (date(2027, 4, 1), True, "is not a clinical pathway on 1 April 2027."),
        (date(2026, 12, 1), False, "needs a prescriber, and this pharmacy has none today."),
    ],
)
def test_a_pathway_has_its_days_and_may_need_a_prescriber(
    day: date, has_prescriber: bool, reason: str
) -> None:
    decision = decided(
        CONJUNCTIVITIS.code, WIDE, answers={}, age=34, day=day, has_prescriber=has_prescriber
    )
    if reason:
        assert decision.outcome is TriageOutcome.MINOR_ILLNESS
        assert decision.reasons == (f"Bacterial conjunctivitis {reason}",)
        assert decision.effective_reason == ("Eye, sticky or watery (Pharmacy First minor illness)")
    else:
        assert decision.outcome is TriageOutcome.PATHWAY


def test_red_flags_are_asked_also_of_whom_the_pathway_does_not_fit() -> None:
    man = case("uti", sex="male", answers=emergency("none"))
    assert decide(FIRST, man).unanswered == ("uti_red_flags",)
    well = replace(man, answers=with_shown({**man.answers, "q_uti_red_flags": "none"}))
    decision = decide(FIRST, well)
    assert decision.outcome is TriageOutcome.MINOR_ILLNESS
    assert decision.reasons == (
        "Uncomplicated urinary tract infection referrals are only for women aged 16 to 64.",
    )
    assert decide(FIRST, replace(well, age=70)).reasons == (
        (
            "Uncomplicated urinary tract infection referrals are only for women aged 16 to 64, and "
            "the patient is 70."
        ),
    )
    assert [item.code for item in decision.not_asked] == ["uti_catheter", "uti_recurrent"]
    ill = replace(man, answers={**man.answers, "q_uti_kidney_pain": "yes"})
    assert decide(FIRST, ill).outcome is TriageOutcome.STOP_GP_SAME_DAY


@pytest.mark.parametrize(
    ("other", "reason"),
    [
        ({"pathway": ""}, "What the referral is for is not chosen yet."),
        ({"pathway": "plague"}, "What the referral is for is not chosen yet."),
        ({"age": None}, "The date of birth is missing."),
        ({"sex": ""}, "The sex is missing."),
    ],
)
def test_nothing_is_decided_while_something_else_is_missing(
    other: dict[str, Any], reason: str
) -> None:
    complete = case("uti")
    of = replace(complete, answers=all_no(FIRST, complete), **other)
    decision = decide(FIRST, of)
    assert decision.outcome is TriageOutcome.UNANSWERED
    assert decision.reasons == (reason,)
    assert decision.unanswered == ()


@pytest.mark.parametrize(
    ("age", "sex", "is_asked"),
    [
        (11, "female", False),
        (12, "female", True),
        (15, "female", True),
        (16, "female", False),
        (15, "male", False),
        (15, "other", True),
        (15, "unknown", True),
        (15, "", True),
        (None, "female", True),
        (None, "male", False),
    ],
)
def test_whether_she_is_pregnant_is_asked_of_whom_it_concerns(
    age: int | None, sex: str, is_asked: bool
) -> None:
    groups = groups_for(FIRST, "impetigo", "", age=age, sex=sex)
    # A group of which nothing is asked is left out.
    assert ("impetigo_criteria" in [group.code for group in groups]) is is_asked


def test_an_answer_from_before_the_date_of_birth_was_mended_does_not_count() -> None:
    decision = decided("impetigo", answers={"q_impetigo_pregnant": "yes"}, age=40)
    assert decision.outcome is TriageOutcome.PATHWAY


@pytest.mark.parametrize(
    ("pathway", "years", "before", "after"),
    [
        ("impetigo", 1, "stop_too_young", "pathway"),
        ("insect_bite", 1, "stop_too_young", "pathway"),
        ("otitis_media", 1, "stop_too_young", "pathway"),
        ("sore_throat", 5, "minor_illness", "pathway"),
        ("sinusitis", 12, "minor_illness", "pathway"),
        ("uti", 16, "minor_illness", "pathway"),
        ("shingles", 18, "minor_illness", "pathway"),
        ("otitis_media", 18, "pathway", "minor_illness"),
        ("uti", 65, "pathway", "minor_illness"),
    ],
)
@pytest.mark.parametrize("born", [date(1960, 11, 30), date(2000, 2, 29)])
def test_each_birthday_opens_and_closes_the_pathway_on_its_day(
    pathway: str, years: int, before: str, after: str, born: date
) -> None:
    year = born.year + years
    is_leap_birthday = (born.month, born.day) == (2, 29) and not is_leap(year)
    birthday = date(year, 3, 1) if is_leap_birthday else born.replace(year=year)
    for day, outcome in ((eve(birthday), before), (birthday, after)):
        decision = decided(pathway, answers={}, age=age_on(day, born=born), day=day)
        assert decision.outcome == outcome


def is_leap(year: int) -> bool:
    return year % 4 == 0


def eve(day: date) -> date:
    return date.fromordinal(day.toordinal() - 1)


@pytest.mark.parametrize(
    ("born", "day", "age"),
    [
        (date(2000, 11, 23), date(2026, 11, 22), 25),
        (date(2000, 11, 23), date(2026, 11, 23), 26),
        (date(2024, 2, 29), date(2025, 2, 28), 0),
        (date(2024, 2, 29), date(2025, 3, 1), 1),
        (date(2024, 2, 29), date(2028, 2, 29), 4),
        (date(2026, 11, 23), date(2026, 11, 23), 0),
    ],
)
def test_the_patient_grows_older_on_the_birthday(born: date, day: date, age: int) -> None:
    assert age_on(day, born=born) == age


@given(born=some.dates(date(1900, 1, 1), date(2100, 12, 31)), day=some.dates(date(1900, 1, 1)))
@settings(max_examples=200)
def test_age_never_falls_and_grows_by_one_a_year(born: date, day: date) -> None:
    age = age_on(day, born=born)
    if day < date.max:
        assert age_on(date.fromordinal(day.toordinal() + 1), born=born) - age in {0, 1}
    assert abs((day - born).days / 365.2425 - age - 0.5) <= 0.51
