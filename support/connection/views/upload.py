"""Takes a body, and says what came of it: what a proxy does to what a browser sends shows."""

import hashlib

from django.http import HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from accounts.web import access
from accounts.web.access import VisitorRequest
from support.connection.answers import LONGEST_UPLOAD


@access.everyone_quietly
@csrf_exempt  # it changes nothing, and comes without cookies
@require_POST
def upload(request: VisitorRequest) -> HttpResponse:
    length = len(request.body)
    if length > LONGEST_UPLOAD:
        return HttpResponse(status=413)
    return JsonResponse({"bytes": length, "sha256": hashlib.sha256(request.body).hexdigest()})
