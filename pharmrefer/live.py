"""Whether this process answers at all."""

from django.http import HttpRequest, HttpResponse

from accounts.web import access
from pharmrefer.health import plain_text


@access.everyone
def live(_request: HttpRequest) -> HttpResponse:
    """Answer as long as the process does; asks nothing of anybody."""
    return plain_text("alive")
