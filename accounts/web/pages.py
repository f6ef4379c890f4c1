"""The page around a form: why the user was led to it, and what is refused in it."""

from collections.abc import Callable
from functools import wraps
from types import TracebackType
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.forms import Form
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from accounts.errors import Denied
from accounts.web import flash
from accounts.web.access import KEY
from accounts.web.flash import LOG_IN

Request = TypeVar("Request", bound=HttpRequest)
for_forms = require_http_methods(["GET", "HEAD", "POST"])


def form_page(
    request: HttpRequest, template: str, form: Form, *, denied: str = "", **context: Any
) -> HttpResponse:
    """Show a form. ``denied`` says why nothing is done, whatever is filled in."""
    is_wrong = form.is_bound and (not form.is_valid() or denied)
    said = flash.message(request, LOG_IN)
    context = {"flash": said} | context | {"form": form, "denied": denied}
    return render(request, template, context, status=422 if is_wrong else 200)


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
            named = getattr(error, "error_dict", {None: error})
            for name, errors in named.items():
                self._put(name, ValidationError(errors))
        return isinstance(error, Denied | ValidationError)

    def _put(self, name: str | None, error: ValidationError) -> None:
        field = name if name in self._form.fields else self._default
        self._form.add_error(field, error)
        self.field = field or ""


def sure_page(
    request: HttpRequest, template: str, *, denied: str = "", **context: Any
) -> HttpResponse:
    """Ask whether the user is sure, or say why it is not done. See are_you_sure.html."""
    status = 422 if denied else 200
    return render(request, template, context | {"denied": denied}, status=status)


def opened_by_link(
    view: Callable[[Request], HttpResponse],
) -> Callable[[Request], HttpResponse]:
    """Keep the address, and so the key in it, from whatever the page leads to.

    Not with no-referrer: browsers then say that its form comes from nowhere, which is refused.
    """

    @wraps(view)
    def opened(request: Request) -> HttpResponse:
        response = view(request)
        response.headers["Referrer-Policy"] = "strict-origin"
        return response

    return opened


def key_in_link(request: HttpRequest) -> str:
    # The part of an address behind the question mark is never logged.
    return request.GET.get(KEY, "")


def posted(request: HttpRequest) -> QueryDict | None:
    # A form may send nothing at all: that is not None.
    return request.POST if request.method == "POST" else None
