"""The referral form: its fields; what may be written in them, ``completeness`` says."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict
from datetime import date
from typing import Any, cast

from django import forms

from accounts.models.people import Membership
from accounts.text import dates, phones
from accounts.web.fields import DateBoxes, Unchanging
from referrals import completeness
from referrals.clean_text import one_line, passage, person_name
from referrals.completeness import BIRTH, CHOICES, TEXTS
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

    def __init__(self, name: str) -> None:
        """Take the field's name."""
        rule = CHOICES[name]
        super().__init__(label=rule.label, choices=list(rule.choices.items()), required=False)

    def validate(self, value: Any) -> None:
        """Leave it to the check of the whole."""


class YesOrNothing(Unchanging, forms.BooleanField):
    """A box to tick."""


class ReferralForm(DateBoxes):
    """One page; what it gives is ``details``."""

    nhs_number = ReferralText("nhs_number", help_text="10 digits, as in 999 123 4567")
    given_name = ReferralText("given_name", visible=person_name)
    family_name = ReferralText("family_name", visible=person_name)
    birth_day = ReferralText("birth_day")
    birth_month = ReferralText("birth_month")
    birth_year = ReferralText("birth_year")
    sex = ReferralChoice("sex")
    address_line_1 = ReferralText("address_line_1")
    address_line_2 = ReferralText("address_line_2")
    town = ReferralText("town")
    postcode = ReferralText("postcode", help_text="ZZ99 3VZ if they have no fixed address")
    registered_at = ReferralText("registered_at")
    spoken_to = ReferralChoice("spoken_to")
    contact_name = ReferralText(
        "contact_name",
        help_text="Leave this empty if you have spoken to the patient",
        visible=person_name,
    )
    phone = ReferralText("phone", help_text="On which the pharmacy can reach them today")
    phone_owner = ReferralChoice("phone_owner")
    phone_owner_name = ReferralText("phone_owner_name", visible=person_name)
    best_time = ReferralText("best_time")
    interpreter = ReferralText("interpreter")
    requirements = ReferralText("requirements")
    pathway = ReferralChoice("pathway")
    symptom_group = ReferralChoice("symptom_group")
    complaint = ReferralText(
        "complaint",
        help_text="Symptoms, for how long, and what they have tried",
        visible=passage,
    )
    duration = ReferralText("duration")
    tried = ReferralText("tried")
    allergies = ReferralChoice("allergies")
    allergies_told = ReferralText("allergies_told")
    medicines = ReferralChoice("medicines")
    medicines_told = ReferralText("medicines_told")
    pharmacy = ReferralText("pharmacy")
    consent = ReferralText("consent")

    def __init__(
        self,
        typed: Mapping[str, Any] | None,
        *,
        today: date,
        begun: dict[str, str] | None = None,
    ) -> None:
        """Take what is to be checked, or what is only shown."""
        super().__init__(typed, initial=begun)
        self._today = today
        self.chosen_pharmacy: Pharmacy | None = None  # known once it has been checked

    @property
    def details(self) -> Details:
        """What was written, as it is stored.

        Raises:
            ValueError: it is not valid.
        """
        if not self.is_valid():
            raise ValueError("This referral is not complete.")
        return completeness.normalised(self._written(), today=self._today)

    def clean(self) -> dict[str, Any]:
        """Have the whole checked, and show a date in three boxes that was written in one."""
        written = self._written()
        self.chosen_pharmacy = Pharmacy.find_offered(written.pharmacy) if written.pharmacy else None
        found = completeness.problems(written, today=self._today, pharmacy=self.chosen_pharmacy)
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
        return Details(**typed, answers=answers_in(self.data))


class SendForm(forms.Form):
    """What is said with the button that sends."""

    right_patient = YesOrNothing(
        required=False, label="I have checked: this is the right patient and their NHS number"
    )
    again = YesOrNothing(required=False, label="Send another referral")


def as_form_data(details: Details) -> dict[str, str]:
    """Return what is stored of a referral as people write it."""
    return {**asdict(details), "phone": phones.shown(details.phone)}


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
