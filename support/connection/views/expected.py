"""What a browser should get where nothing lies in between: sizes, hashes, headers, encryption."""

from django.http import JsonResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts.web import access
from accounts.web.access import VisitorRequest
from support.connection import answers, static_files

# Words of the headers that every page has, and that matter most where a proxy takes them away.
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "script-src 'self'",
    "X-Content-Type-Options": "nosniff",
}


@access.everyone_quietly
@require_safe
def expected(request: VisitorRequest) -> JsonResponse:
    return JsonResponse(
        {
            "secure": request.is_secure(),
            "headers": HEADERS,
            "files": static_files.expected(),
            "answers": [
                {
                    "address": reverse("support:connection-answer", kwargs={"number": size}),
                    "bytes": size,
                    "sha256": answers.sha256(size),
                }
                for size in answers.SIZES
            ],
        }
    )
