"""Any Content-Type is taken, and forms are UTF-8."""

import io
from typing import Any

import pytest
from django.core.handlers.wsgi import WSGIHandler

from pharmrefer.content_type import plain_content_type, with_plain_content_type

pytestmark = pytest.mark.django_db  # a request closes what connections have grown old
CODECS = ["rot13", "hex", "zlib", "idna", "punycode", "undefined", "utf-7", "unicode_escape"]


@pytest.mark.parametrize(
    ("value", "plain"),
    [
        ("", ""),
        ("text/html; charset=utf-8", "text/html"),
        ("application/x-www-form-urlencoded;charset=rot13", "application/x-www-form-urlencoded"),
        ('multipart/form-data; charset=hex; boundary="a b"', 'multipart/form-data; boundary="a b"'),
        ("multipart/form-data; Boundary=ab; charset=x", "multipart/form-data; boundary=ab"),
        ("text/plain; a*=rot13''x", "text/plain"),
    ],
)
def test_only_the_boundary_stays(value: str, plain: str) -> None:
    assert plain_content_type(value) == plain


def ask(content_type: str, body: bytes, method: str) -> str:
    """Ask the application as a web server does; return the status."""
    environ: dict[str, Any] = {
        "REQUEST_METHOD": method,
        "PATH_INFO": "/log-in/",
        "QUERY_STRING": "next=/",
        "SERVER_NAME": "pharmrefer.example",
        "SERVER_PORT": "443",
        "HTTP_HOST": "pharmrefer.example",
        "HTTP_X_FORWARDED_PROTO": "https",
        "wsgi.input": io.BytesIO(body),
        "wsgi.url_scheme": "http",
        "CONTENT_TYPE": content_type,
        "CONTENT_LENGTH": str(len(body)),
    }
    statuses: list[str] = []
    application = with_plain_content_type(WSGIHandler())
    response = application(environ, lambda status, _headers: statuses.append(status))
    b"".join(response)
    getattr(response, "close", lambda: None)()
    return statuses[0]


@pytest.mark.parametrize("codec", CODECS)
def test_no_charset_brings_a_page_down(codec: str) -> None:
    assert ask(f"text/plain; charset={codec}", b"", "GET").startswith("200")
    assert ask(f"text/plain; x*={codec}''y", b"", "GET").startswith("200")


@pytest.mark.parametrize("codec", CODECS)
def test_no_charset_brings_a_form_down(codec: str) -> None:
    part = b'--b\r\nContent-Disposition: form-data; name="user_name"\r\n\r\n+2AA-\r\n--b--\r\n'
    kind = f"multipart/form-data; boundary=b; charset={codec}"
    # Without its token it is led to a fresh page.
    assert ask(kind, part, "POST").startswith("302")
    assert ask(f"application/x-www-form-urlencoded; charset={codec}", b"a=b", "POST")[:3] == "302"
