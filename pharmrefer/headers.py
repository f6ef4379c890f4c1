"""Response headers that every page carries: what the browser may load, keep and tell others."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

# No inline code and nothing from elsewhere. Source: OWASP ASVS 5.0, chapter 3.4.
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; "
    "connect-src 'self'; manifest-src 'self'; form-action 'self'; frame-ancestors 'none'; "
    "base-uri 'none'"
)
# Passkeys are made and used on our own pages only; nothing else of a device is ours to ask for.
PERMISSIONS_POLICY = (
    "camera=(), geolocation=(), microphone=(), "
    "publickey-credentials-create=(self), publickey-credentials-get=(self)"
)


def security_headers(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    # Static files pass by, since WhiteNoise answers before us.
    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response.headers["Content-Security-Policy"] = CONTENT_SECURITY_POLICY
        response.headers["Permissions-Policy"] = PERMISSIONS_POLICY
        response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
        # Pages may hold patient data: a shared computer keeps none of them.
        response.headers["Cache-Control"] = "no-store"
        return response

    return middleware
