"""Where a request comes from: only our own proxies are believed."""

from ipaddress import ip_network

import pytest

from accounts.origin import LONGEST_BROWSER, Origin, client_address, console

PROXIES = [ip_network("127.0.0.1"), ip_network("10.0.0.0/8"), ip_network("fd00::/8")]


@pytest.mark.parametrize(
    ("peer", "forwarded_for", "expected"),
    [
        ("192.0.2.7", "", "192.0.2.7"),
        # A client that is no proxy of ours may say what they like.
        ("192.0.2.7", "198.51.100.9", "192.0.2.7"),
        ("127.0.0.1", "192.0.2.7", "192.0.2.7"),
        # What stands left of the last that is not ours is invented.
        ("127.0.0.1", "198.51.100.9, 192.0.2.7", "192.0.2.7"),
        ("127.0.0.1", "192.0.2.7,10.1.2.3", "192.0.2.7"),
        ("127.0.0.1", " 192.0.2.7 , 10.1.2.3 , 10.9.9.9", "192.0.2.7"),
        # A client within one of our own networks.
        ("127.0.0.1", "10.1.2.3", "10.1.2.3"),
        ("127.0.0.1", "", "127.0.0.1"),
        ("127.0.0.1", "unknown", "127.0.0.1"),
        ("127.0.0.1", "192.0.2.7, nonsense, 10.1.2.3", "10.1.2.3"),
        ("127.0.0.1", "192.0.2.7:443", "127.0.0.1"),
        ("::ffff:127.0.0.1", "::ffff:192.0.2.7", "192.0.2.7"),
        ("fd00::1", "2001:DB8::0007", "2001:db8::7"),
        ("fe80::1%eth0", "", "fe80::1"),
        ("", "192.0.2.7", None),
        ("/run/socket", "192.0.2.7", None),
    ],
)
def test_who_asks(peer: str, forwarded_for: str, expected: str | None) -> None:
    assert client_address(peer, forwarded_for, PROXIES) == expected


@pytest.mark.parametrize(
    ("address", "line"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        (None, "none"),
    ],
)
def test_the_line_by_which_tries_are_counted(address: str | None, line: str) -> None:
    assert Origin(address, "Firefox").line == line


def test_the_console_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("getpass.getuser", lambda: "sam")
    assert console() == Origin(None, "manage.py, sam")
    monkeypatch.setattr("getpass.getuser", lambda: "s" * 500)
    assert len(console().browser) == LONGEST_BROWSER


def test_a_user_without_a_name_may_use_the_console(monkeypatch: pytest.MonkeyPatch) -> None:
    def nameless() -> str:
        raise KeyError("getpwuid(): uid not found: 10001")

    monkeypatch.setattr("getpass.getuser", nameless)
    assert console().browser == "manage.py, a user without a name"
