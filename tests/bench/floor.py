"""The floor: a Django view that does nothing, on the same server. Settings, address and view."""

from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, HttpResponse
from django.urls import path

SECRET_KEY = "the floor keeps none"
ALLOWED_HOSTS = ["localhost"]
ROOT_URLCONF = __name__
USE_I18N = False


def bare(_request: HttpRequest) -> HttpResponse:
    """Answer."""
    return HttpResponse(b"ok", headers={"Content-Length": "2"})


urlpatterns = [path("", bare)]
application = get_wsgi_application()  # which reads its settings above
