"""What strangers send to a web server that everybody can reach: an answer, and never a 500."""

import http.client
import socket
from urllib.parse import urlsplit

import pytest

from tests.journeys.conftest import Site


@pytest.mark.parametrize(
    ("method", "path", "headers", "body"),
    [
        ("GET", "/log-in/?next=/", {"Content-Type": "text/plain; charset=rot13"}, b""),
        ("GET", "/log-in/", {"Content-Type": "text/plain; a*=rot13''b"}, b""),
        ("POST", "/log-in/", {"Content-Type": "multipart/form-data; charset=hex"}, b"--b--"),
        ("POST", "/log-in/", {"Content-Type": "multipart/form-data; boundary=\xe9"}, b"--b--"),
        ("POST", "/log-in/", {"Content-Type": "application/json"}, b"{"),
        ("POST", "/log-out/", {"Content-Length": "0"}, b""),
        ("GET", "/account/", {"Cookie": "session=\xff\xfe; log-in=\x01"}, b""),
        ("GET", "/log-in/code/", {"Cookie": "log-in=" + "x" * 4000}, b""),
        ("GET", "/log-in/?next=" + "%00%ff" * 100, {}, b""),
        ("GET", "/%ff%fe/%00", {}, b""),
        ("PUT", "/log-in/", {}, b"x"),
        ("TRACE", "/log-in/", {}, b""),
    ],
)
def test_it_is_answered(
    site: Site, method: str, path: str, headers: dict[str, str], body: bytes
) -> None:
    connection = http.client.HTTPConnection(urlsplit(site.url).netloc, timeout=10)
    connection.request(method, path, body=body, headers=headers)
    response = connection.getresponse()
    assert response.status < 500, response.read()
    # The web server itself says no to headers that HTTP does not allow.
    assert "Content-Security-Policy" in response.headers or response.status == 400, response.status
    connection.close()


@pytest.mark.parametrize("foreign", ["other=\xeb", "\xff=1"])
def test_another_user_s_cookie_locks_nobody_out(site: Site, foreign: str) -> None:
    token = "a" * 32
    connection = http.client.HTTPConnection(urlsplit(site.url).netloc, timeout=10)
    headers = {
        "Cookie": f"{foreign}; csrftoken={token}",
        "Content-Type": "application/x-www-form-urlencoded",
    }
    connection.request("POST", "/log-in/", body=f"csrfmiddlewaretoken={token}", headers=headers)
    response = connection.getresponse()
    page = response.read().decode()
    assert (response.status, "Enter your username" in page) == (422, True)
    connection.close()


def test_nobody_waits_for_bodies_that_do_not_come(site: Site) -> None:
    address = (urlsplit(site.url).hostname, urlsplit(site.url).port)
    # With a token's cookie, or the form would be refused before its body is read.
    head = (
        b"POST /log-in/ HTTP/1.1\r\nHost: localhost\r\nCookie: csrftoken=" + b"a" * 32 + b"\r\n"
        b"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 1000\r\n\r\na="
    )
    slow = []
    try:
        for _ in range(40):
            slow.append(socket.create_connection(address))
            slow[-1].sendall(head)
        for _ in range(8):  # each of the server's processes gets some
            connection = http.client.HTTPConnection(urlsplit(site.url).netloc, timeout=5)
            connection.request("GET", "/log-in/")
            assert connection.getresponse().status == 200
            connection.close()
    finally:
        for each in slow:
            each.close()
