"""Fields that forms share, with messages in plain English."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, Self

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator

from accounts.factors import passwords
from accounts.text import clean_text, dates

MOST_TYPED = 4 * passwords.LONGEST  # characters of a password that a computer takes apart
LONGEST_NAME = 30


class Unchanging(forms.Field):
    """A field that forms share: copying them all costs as much as the rest of a form.

    A form that wants one to be different puts a copy into its ``fields``.
    """

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        return self


class Text(Unchanging, forms.CharField):
    def __init__(self, *, label: str, required: str, longest: int, **options: Any) -> None:
        """``required`` is the message for nothing typed, or "" where that is fine."""
        messages = {
            "required": required,
            "max_length": f"{label} must be {longest} characters or fewer",
        }
        options |= {"required": bool(required), "error_messages": messages}
        super().__init__(label=label, max_length=longest, **options)

    def to_python(self, value: Any) -> str | None:
        # NUL comes with what is pasted from odd places.
        return super().to_python(value.replace("\x00", "") if isinstance(value, str) else value)


class Line(Text):
    def to_python(self, value: Any) -> str | None:
        return clean_text.line(super().to_python(value) or "")


class Address(Text):
    def to_python(self, value: Any) -> str | None:
        return clean_text.address(super().to_python(value) or "")


class Named(Line):
    """A name of a person or thing: it goes out in e-mails, and so it must be no sentence."""

    def __init__(self, *, check: Callable[[str], str], **options: Any) -> None:
        """``check`` says why a text is no such name, or "" where it is one."""
        super().__init__(**options)
        self._why_not = check

    def validate(self, value: Any) -> None:
        super().validate(value)
        if value and (why := self._why_not(value)):
            raise ValidationError(why)


class LongestNormalised(MaxLengthValidator):
    """Counts a password's characters as every computer has them, unless that would take long."""

    def clean(self, x: Any) -> int:
        return len(x) if len(x) > MOST_TYPED else len(passwords.normalised(x))


class Password(Text):
    def __init__(self, *, required: str) -> None:
        super().__init__(
            label="Password", required=required, longest=passwords.LONGEST, strip=False
        )
        others = [each for each in self.validators if not isinstance(each, MaxLengthValidator)]
        self.validators = [LongestNormalised(passwords.LONGEST), *others]


class DateBoxes(forms.Form):
    """A form that asks for a date in three boxes: of them only the wrong ones are marked."""

    wrong_boxes: frozenset[str] = frozenset()  # names of fields

    def take_date(
        self, fields: Mapping[str, str], asked: dates.Asked, *, nothing: str = ""
    ) -> date | None:
        """Return the date, or None: nothing was typed, or it is none and the form says so.

        Args:
            fields: by part of a date, the names of the boxes.
            nothing: what is said if nothing was typed, if that is wrong.
        """
        typed = {part: self.cleaned_data.get(name) for part, name in fields.items()}
        if None in typed.values():  # one of them is wrong in itself
            self.wrong_boxes = frozenset(name for name in fields.values() if name in self.errors)
            return None
        written = {part: text or "" for part, text in typed.items()}
        if not any(written.values()):
            if nothing:
                self.refuse_date(fields, nothing)
            return None
        if apart := dates.taken_apart(written):
            self._show(fields, apart)
        try:
            return dates.read(written, asked)
        except dates.NotADateError as error:
            self.refuse_date(fields, str(error), *error.boxes)
            return None

    def refuse_date(self, fields: Mapping[str, str], message: str, *boxes: str) -> None:
        wrong = [fields[part] for part in boxes or dates.PARTS]
        self.wrong_boxes = frozenset(wrong)
        self.add_error(wrong[0], message)

    def _show(self, fields: Mapping[str, str], apart: Mapping[str, str]) -> None:
        shown = {self.add_prefix(name): apart[part] for part, name in fields.items()}
        self.data = {**self.data.dict(), **shown} if hasattr(self.data, "dict") else shown
