"""The page around a form: 422 when something in it is wrong, so that machines notice too."""

from typing import Any

from django.forms import Form
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

for_forms = require_http_methods(["GET", "HEAD", "POST"])


def form_page(request: HttpRequest, template: str, form: Form, **context: Any) -> HttpResponse:
    """Render a page with a form."""
    wrong = form.is_bound and not form.is_valid()
    return render(request, template, {"form": form, **context}, status=422 if wrong else 200)


def posted(request: HttpRequest) -> QueryDict | None:
    """Return what a form sent, even if that is nothing at all; None where none was sent."""
    return request.POST if request.method == "POST" else None
