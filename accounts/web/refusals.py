"""Refusals of what a form asks for, beside the field that they are about."""

from types import TracebackType

from django.core.exceptions import ValidationError
from django.forms import Form

from accounts.errors import Denied


class refusals_beside:  # noqa: N801  it reads as contextlib.suppress does
    """Puts a refusal into a form, beside the field that it names.

    One that names none, or none of the form's, goes beside ``default``; None is the form as a
    whole. What a model refuses is put there too. A view returns from within the block: behind it
    comes the page again.
    """

    def __init__(self, form: Form, default: str | None) -> None:
        self._form, self._default = form, default
        self.field = ""  # beside which a refusal was put

    def __enter__(self) -> "refusals_beside":
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        error: BaseException | None,
        _trace: TracebackType | None,
    ) -> bool:
        if isinstance(error, Denied):
            # The code is the help topic that fits, which the page links to.
            self._put(error.field, ValidationError(str(error), code=error.topic))
        elif isinstance(error, ValidationError):
            named = error.message_dict if hasattr(error, "error_dict") else {None: error.messages}
            for name, messages in named.items():
                self._put(name, ValidationError(messages))
        return isinstance(error, Denied | ValidationError)

    def _put(self, name: str | None, error: ValidationError) -> None:
        field = name if name in self._form.fields else self._default
        self._form.add_error(field, error)
        self.field = field or ""
