"""What time it is here: asked several times, it also shows how long an answer takes."""

from django.http import JsonResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.web import access
from accounts.web.access import VisitorRequest


@access.everyone_quietly
@require_safe
def clock(_request: VisitorRequest) -> JsonResponse:
    return JsonResponse({"now_ms": round(timezone.now().timestamp() * 1000)})
