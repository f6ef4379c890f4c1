"""What the two addresses for machines share: /health/live and /health/ready."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse


def by_any_name(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    # Load balancers ask by numbers, not by names.
    def middleware(request: HttpRequest) -> HttpResponse:
        if request.path_info.startswith("/health/"):
            request.META["HTTP_HOST"] = settings.PUBLIC_URL.netloc
        return get_response(request)

    return middleware


def plain_text(message: str, *, status: int = 200) -> HttpResponse:
    """Answer in a line that machines and people read, and nobody keeps."""
    return HttpResponse(f"{message}\n", content_type="text/plain", status=status)
