"""The referral form: its fields; what may be written in them, ``completeness`` says."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from functools import cached_property, lru_cache
from typing import Any, cast

from django import forms
from django.utils import timezone

from accounts.models.people import Membership, Practice
from accounts.text import dates, phones
from accounts.web.fields import DateBoxes, Unchanging
from referrals import completeness
from referrals.clean_text import one_line, passage, person_name
from referrals.clinical.decision import TriageDecision, answer_to, groups_for
from referrals.clinical.packs import Group, Pack, Pathway
from referrals.completeness import BIRTH, CHOICES, TEXTS, decided
from referrals.details import Details, answers_in
from referrals.models.pharmacies import Pharmacy

BIRTH_BOXES = frozenset(BIRTH.values())
_TYPED = {*TEXTS, *CHOICES}


class ReferralText(Unchanging, forms.CharField):
    """A text of a referral, as it can be seen."""

    def __init__(
        self, name: str, *, help_text: str = "", visible: Callable[[str], str] = one_line
    ) -> None:
        """Take the field's name, and what makes a text of what was typed."""
        super().__init__(label=TEXTS[name].label, help_text=help_text, required=False)
        self._visible = visible

    def to_python(self, value: Any) -> str | None:
        """Return the text without what nobody sees: it cannot be typed, only pasted."""
        return super().to_python(self._visible(value) if value else value)


class ReferralChoice(Unchanging, forms.ChoiceField):
    """One of several, or none."""

    def __init__(self, name: str, choices: Mapping[str, str] | None = None) -> None:
        """Take the field's name, and what can be chosen where that is not always the same."""
        rule = CHOICES[name]
        offered = list((choices or rule.choices).items())
        super().__init__(label=rule.label, choices=offered, required=False)

    def validate(self, value: Any) -> None:
        """Leave it to the check of the whole."""


class TriageQuestions(Unchanging, forms.CharField):
    """A group of questions of a content pack, answered at once."""


class YesOrNothing(Unchanging, forms.BooleanField):
    """A box to tick."""


@dataclass(frozen=True)
class Said:
    """What ``components/questions.html`` shows of answers."""

    answers: Mapping[str, str] = field(default_factory=dict)
    errors: Mapping[str, Any] = field(default_factory=dict)
    age: int | None = None
    sex: str = ""

    def answer(self, group: Group) -> str:
        return answer_to(group, self.answers, age=self.age, sex=self.sex)

    def shown(self, group: Group) -> str:
        # Sent back with the answer.
        return " ".join(item.code for item in group.asked_of(age=self.age, sex=self.sex).items)


_QUESTIONS = TriageQuestions(required=False)


class ReferralForm(DateBoxes):
    """One page; what it gives is ``details``.

    Beside these fields it has the questions of the content pack, each where the page asks it.
    """

    nhs_number = ReferralText("nhs_number")
    given_name = ReferralText("given_name", visible=person_name)
    family_name = ReferralText("family_name", visible=person_name)
    birth_day = ReferralText("birth_day")
    birth_month = ReferralText("birth_month")
    birth_year = ReferralText("birth_year")
    sex = ReferralChoice("sex")
    postcode = ReferralText("postcode")
    address_line_1 = ReferralText("address_line_1")
    address_line_2 = ReferralText("address_line_2")
    town = ReferralText("town")
    spoken_to = ReferralChoice("spoken_to")
    contact_name = ReferralText("contact_name", visible=person_name)
    phone = ReferralText("phone", help_text="A number the pharmacy can call today")
    phone_owner = ReferralChoice("phone_owner")
    phone_owner_name = ReferralText("phone_owner_name", visible=person_name)
    best_time = ReferralText("best_time")
    interpreter = ReferralText("interpreter")
    requirements = ReferralText("requirements")
    registered_at = ReferralText("registered_at")
    allergies = ReferralChoice("allergies")
    allergies_told = ReferralText("allergies_told")
    medicines = ReferralChoice("medicines")
    medicines_told = ReferralText("medicines_told")
    pathway = ReferralChoice("pathway")
    symptom_group = ReferralChoice("symptom_group")
    complaint = ReferralText("complaint", visible=passage)
    duration = ReferralText("duration")
    tried = ReferralText("tried")
    pharmacy = ReferralText("pharmacy")
    consent = ReferralText("consent")

    def __init__(
        self,
        typed: Mapping[str, Any] | None,
        *,
        now: datetime,
        pack: Pack | None,
        practice: Practice,
        begun: dict[str, Any] | None = None,
    ) -> None:
        """Take what is to be checked, or what is only shown."""
        super().__init__(typed, initial=begun)
        self._now, self._today, self.pack = now, timezone.localdate(now), pack
        self._practice = practice
        self.chosen_pharmacy: Pharmacy | None = None  # known once it has been checked
        self.decision: TriageDecision | None = None  # likewise
        said = typed if typed is not None else begun or {}
        self.chosen_pathway = str(said.get("pathway", ""))
        self.chosen_group = str(said.get("symptom_group", ""))
        self.groups: tuple[Group, ...] = ()  # of questions that are asked of what was chosen
        self.answers = answers_in(typed) if typed is not None else said.get("answers", {})
        if pack:
            self.groups = groups_for(pack, self.chosen_pathway, self.chosen_group, age=None, sex="")
            self.fields = _with_questions(self.fields, pack, self.groups)

    @property
    def details(self) -> Details:
        """What was written, as it is stored.

        Raises:
            ValueError: it is not valid.
        """
        if not self.is_valid() or not self.pack or not self.decision:
            raise ValueError("This referral is not complete.")
        written, decision = self._written(), self.decision
        return completeness.normalised(
            written, today=self._today, pack=self.pack, decision=decision
        )

    @cached_property
    def said(self) -> Said:
        """What is answered, what is wrong with it, and who is asked what."""
        errors = self.errors if self.is_bound else {}
        return Said(self.answers, errors, self._age, str(self["sex"].value() or ""))

    def asks(self, pathway: Pathway) -> bool:
        # It was chosen, or its minor illness.
        return not {group.code for group in self.groups}.isdisjoint(g.code for g in pathway.groups)

    def has_answered(self, pathway: Pathway) -> bool:
        """Of another condition that was chosen before, the answers stay too."""
        codes = {group.code for group in pathway.groups}
        codes |= {item.code for group in pathway.groups for item in group.items}
        return any(name.removeprefix("q_") in codes for name in self.answers)

    @property
    def _age(self) -> int | None:
        boxes: dict[str, Any] = {name: str(self[name].value() or "") for name in BIRTH_BOXES}
        return completeness.age(Details(**boxes), today=self._today)

    @property
    def is_stopped(self) -> bool:
        """Say whether the answers stop it, whatever else is missing or wrong."""
        self.is_valid()
        return self.decision is not None and self.decision.outcome.is_stop

    def clean(self) -> dict[str, Any]:
        """Have the whole checked, and show a date in three boxes that was written in one."""
        written = self._written()
        pack, today = self.pack, self._today
        pharmacy = Pharmacy.chosen_in(written, self._practice, now=self._now)
        self.chosen_pharmacy = pharmacy
        if pack:
            self.decision = decided(written, today=today, pack=pack, pharmacy=pharmacy)
        found = completeness.problems(written, today=today, pack=pack, pharmacy=pharmacy)
        for sentence, wrong in found:
            self.wrong_boxes |= BIRTH_BOXES.intersection(wrong)
            self.add_error(wrong[0], sentence)
        boxes = completeness.birth_boxes(written)
        is_short = all(len(text) <= dates.LONGEST for text in boxes.values())
        if is_short and (apart := dates.taken_apart(boxes)):
            self._show(BIRTH, apart)
        return self.cleaned_data

    def _written(self) -> Details:
        typed = {name: text for name, text in self.cleaned_data.items() if name in _TYPED}
        return Details(**typed, answers=self.answers)


@lru_cache(maxsize=4)
def _choices(pack: Pack) -> dict[str, forms.Field]:
    # To make them costs a twelfth of the page.
    names = ("pathway", "symptom_group")
    return {name: ReferralChoice(name, completeness.choices(name, pack)) for name in names}


def _with_questions(
    fields: Mapping[str, forms.Field], pack: Pack, groups: Sequence[Group]
) -> dict[str, forms.Field]:
    """Return the fields with those of the questions where the page asks them: emergencies first."""
    emergency, *others = [f"q_{group.code}" for group in groups]
    made: dict[str, forms.Field] = {emergency: _QUESTIONS}
    for name, asked in {**fields, **_choices(pack)}.items():
        made[name] = asked
        if name == "symptom_group":
            made |= dict.fromkeys(others, _QUESTIONS)
    return made


class SendForm(forms.Form):
    """What is said with the button that sends."""

    right_patient = YesOrNothing(
        required=False, label="I have checked: this is the right patient and their NHS number"
    )
    again = YesOrNothing(required=False, label="I have read this: send this referral all the same")


def as_form_data(details: Details) -> dict[str, Any]:
    """Return what is stored of a referral as people write it."""
    return {
        **asdict(details),
        **details.answers,
        "nhs_number": details.nhs_number or details.other_number,
        "phone": phones.shown(details.phone),
    }


class HandOverForm(forms.Form):
    """Which colleague gets a member's drafts."""

    to = forms.ChoiceField(
        label="Who gets them?",
        error_messages=dict.fromkeys(("required", "invalid_choice"), "Choose a colleague"),
    )

    def __init__(self, *args: Any, colleagues: Iterable[Membership], **options: Any) -> None:
        """Take those who can have them."""
        super().__init__(*args, **options)
        field = cast("forms.ChoiceField", self.fields["to"])
        names = [(str(each.pk), f"{each.user.full_name}, {each.user}") for each in colleagues]
        field.choices = [("", "Choose a colleague"), *names]
