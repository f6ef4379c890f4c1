"""Reads settings from the environment; a missing or weak one stops the start with a sentence.

Every value may also come from a file: ``SECRET_KEY_FILE=/run/secrets/key`` in place of
``SECRET_KEY``, as container secrets are handed over.
"""

import base64
import binascii
import os
import re
from email.utils import parseaddr
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import SplitResult, unquote, urlsplit

import psycopg
from django.core.exceptions import ImproperlyConfigured
from psycopg.conninfo import conninfo_to_dict

SHORTEST_KEY = 50  # characters; also what Django's deployment check asks for
SHORTEST_PASSWORD = 16
LONGEST_LINE = 100
BROKERS = {"redis", "rediss", "redis+socket", "amqp", "amqps"}
LOCAL_HOSTS = {"localhost", "127.0.0.1", "::1"}
MAIL_BY_SMTP = "accounts.smtp.EmailBackend"
MAIL_INTO_FILES = "django.core.mail.backends.filebased.EmailBackend"
MAIL_PORTS = {"smtp": 587, "smtp+plain": 25, "smtps": 465}


def optional(name: str) -> str | None:
    """Return the value of ``name``, or what the file named by ``name``_FILE holds, or None."""
    value, path = os.environ.get(name), os.environ.get(f"{name}_FILE")
    if value is not None and path is not None:
        raise ImproperlyConfigured(f"{name} and {name}_FILE are both set: unset one of them.")
    if path is not None:
        try:
            value = Path(path).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise ImproperlyConfigured(
                f"{name}_FILE is {path}, which cannot be read ({error}): correct the path "
                "or the file's permissions."
            ) from error
    if value is not None and not value.strip():
        raise ImproperlyConfigured(f"{name} is set but empty: give it a value or unset it.")
    return value


def required(name: str, remedy: str) -> str:
    """Return a value that PharmRefer cannot start without; ``remedy`` ends the sentence."""
    value = optional(name)
    if value is None:
        raise ImproperlyConfigured(f"{name} is not set: {remedy}")
    return value


def broker(name: str, remedy: str) -> str:
    text = required(name, remedy)
    try:
        url = urlsplit(text)
        is_url = url.scheme in BROKERS and (url.port or True)
    except ValueError:
        is_url = False
    if not is_url or not (url.hostname or url.path):
        # It may hold a password: leave it out.
        raise ImproperlyConfigured(f"{name} cannot be understood: {remedy}")
    return text


class MailServer(NamedTuple):
    """A server that sends e-mail, or a folder for e-mails that are only to be looked at."""

    backend: str
    host: str = ""
    port: int = 0
    user: str = ""
    password: str = ""
    is_tls: bool = False
    becomes_tls: bool = False
    folder: str | None = None


def mail_server(name: str, remedy: str) -> MailServer:
    """Return what an address of a mail server says.

    ``smtps`` is TLS from the first byte, ``smtp`` needs STARTTLS (RFC 8314), ``smtp+plain`` is not
    encrypted and so has no password, and ``file`` writes e-mails into a folder.
    """
    text = required(name, remedy)
    try:
        url = urlsplit(text)
        host, port = url.hostname or "", url.port
    except ValueError:
        url, host, port = urlsplit(""), "", None
    if url.scheme == "file" and url.path.startswith("/") and not host:
        return MailServer(MAIL_INTO_FILES, folder=unquote(url.path))
    if url.scheme not in MAIL_PORTS or not host or url.path.strip("/"):
        # It may hold a password: leave it out.
        raise ImproperlyConfigured(f"{name} cannot be understood: {remedy}")
    if url.scheme == "smtp+plain" and url.password:
        raise ImproperlyConfigured(
            f"{name} would send a password that anyone on the way can read: use smtps:// or, "
            "where the server begins without TLS, smtp://."
        )
    return MailServer(
        MAIL_BY_SMTP,
        host,
        port or MAIL_PORTS[url.scheme],
        unquote(url.username or ""),
        unquote(url.password or ""),
        is_tls=url.scheme == "smtps",
        becomes_tls=url.scheme == "smtp",
    )


def sender(name: str, remedy: str) -> str:
    text = required(name, remedy)
    _, address = parseaddr(text)
    if not re.fullmatch(r"[^@\s<>]+@[^@\s<>]+", address) or not text.isprintable():
        raise ImproperlyConfigured(f"{name} is {text!r}, which is not an address: {remedy}")
    return text


def networks(name: str, *, default: str) -> list[IPv4Network | IPv6Network]:
    text = optional(name) or default
    try:
        return [ip_network(each.strip()) for each in text.split(",")]
    except ValueError as error:
        raise ImproperlyConfigured(
            f"{name} is {text}: give IP addresses or networks, as in 10.0.0.5,192.168.7.0/24."
        ) from error


def identifier(name: str, remedy: str) -> str:
    text = required(name, remedy)
    if not re.fullmatch(r"[A-Za-z0-9.-]{1,40}", text):
        raise ImproperlyConfigured(f"{name} is {text!r}, which is not an identifier: {remedy}")
    return text


def line(name: str) -> str:
    # Compose hands on as empty what is not set.
    if os.environ.get(name) == "" and f"{name}_FILE" not in os.environ:
        return ""
    text = optional(name) or ""
    if not text.isprintable() or len(text) > LONGEST_LINE:
        raise ImproperlyConfigured(f"{name} must be one line of at most {LONGEST_LINE} characters.")
    return text.strip()


def retired(*names: str, remedy: str) -> None:
    """Stop the start where a setting is given that PharmRefer no longer reads."""
    for name in names:
        if os.environ.get(name) or os.environ.get(f"{name}_FILE"):
            raise ImproperlyConfigured(f"{name} is no longer a setting: unset it, and {remedy}.")


def number(name: str, *, default: int) -> int:
    text = optional(name) or str(default)
    if not re.fullmatch(r"[1-9][0-9]{0,5}", text, re.ASCII):
        raise ImproperlyConfigured(f"{name} is {text}: give a whole number, as in {default}.")
    return int(text)


def switch(name: str) -> bool:
    text = line(name).casefold() or "off"
    if text not in {"on", "off"}:
        raise ImproperlyConfigured(f"{name} is {text}: write on or off.")
    return text == "on"


def key(name: str) -> str:
    remedy = "make one with: python3 -c 'import secrets; print(secrets.token_urlsafe(48))'"
    value = required(name, remedy)
    if len(value) < SHORTEST_KEY or len(set(value)) < 16:
        raise ImproperlyConfigured(
            f"{name} is too weak (at least {SHORTEST_KEY} random characters): {remedy}"
        )
    return value


def numbered_keys(name: str) -> dict[int, bytes]:
    """Return encryption keys by their number, as in ``2:base64,1:base64``; the first one seals."""
    remedy = (
        "give number:key, the current one first, as in 2:...,1:...; make a key with: "
        "python3 -c 'import base64, os; print(base64.b64encode(os.urandom(32)).decode())'"
    )
    keys = {}
    for entry in required(name, remedy).split(","):
        number, _, text = entry.strip().partition(":")
        try:
            made = base64.b64decode(text, validate=True)
        except binascii.Error:
            made = b""
        if not re.fullmatch(r"[0-9]{1,3}", number) or not 1 <= int(number) <= 255:
            raise ImproperlyConfigured(f"{name} has a key without a number (1 to 255): {remedy}")
        if len(made) != 32 or len(set(made)) < 12:
            raise ImproperlyConfigured(
                f"{name}'s key {number} is not 32 random bytes in base64: {remedy}"
            )
        if int(number) in keys:
            raise ImproperlyConfigured(f"{name} has two keys numbered {number}: {remedy}")
        keys[int(number)] = made
    return keys


def public_url(name: str) -> SplitResult:
    text = required(name, "give the address that people open, as in https://pharmrefer.example.")
    try:
        url = urlsplit(text)
        host, _ = url.hostname, url.port
    except ValueError as error:
        raise ImproperlyConfigured(
            f"{name} is {text}, which is not an address: {error}."
        ) from error
    if url.scheme not in {"https", "http"} or not host or url.path.strip("/") or url.query:
        raise ImproperlyConfigured(
            f"{name} is {text}: give scheme and host only, as in https://pharmrefer.example."
        )
    if url.scheme == "http" and host not in LOCAL_HOSTS:
        raise ImproperlyConfigured(
            f"{name} is {text}: it must begin with https://, since passwords and patient data "
            "cross the network (http:// is for localhost only)."
        )
    return url


def web_address(name: str, *, default: SplitResult) -> str:
    text = line(name)
    if not text:
        return f"{default.scheme}://{default.netloc}"
    try:
        url = urlsplit(text)
        is_address = url.scheme in {"https", "http"} and url.hostname and (url.port or True)
    except ValueError:
        is_address = False
    if not is_address or url.path.strip("/") or url.query or "@" in url.netloc:
        raise ImproperlyConfigured(
            f"{name} is {text}: give scheme and host only, as in http://web:8000."
        )
    return f"{url.scheme}://{url.netloc}"


def database(value: str, name: str, *, limits: dict[str, str]) -> dict[str, Any]:
    """Turn a PostgreSQL URL into an entry of Django's ``DATABASES``.

    Args:
        value: libpq connection URL, with any of libpq's parameters after the question mark.
        name: the setting it came from, for messages.
        limits: what ``pharmrefer.provision`` has set for the role, such as ``statement_timeout``;
            set for the connection where the role has none.
    """
    remedy = "as in postgresql://role:password@host:5432/database?sslmode=verify-full."
    if not value.startswith(("postgresql://", "postgres://")):
        raise ImproperlyConfigured(f"{name} does not begin with postgresql://: write it {remedy}")
    try:
        parts = conninfo_to_dict(value)
    except psycopg.ProgrammingError as error:
        # libpq's message may quote the password: leave it out.
        raise ImproperlyConfigured(f"{name} cannot be understood: write it {remedy}") from error
    if not parts.get("user") or not parts.get("dbname"):
        raise ImproperlyConfigured(f"{name} names no role or no database: write it {remedy}")
    password = str(parts.pop("password", ""))
    if password and len(password) < SHORTEST_PASSWORD:
        raise ImproperlyConfigured(
            f"{name} has a weak password: use at least {SHORTEST_PASSWORD} characters."
        )
    return {
        "ENGINE": "pharmrefer.postgres",
        "NAME": parts.pop("dbname"),
        "USER": parts.pop("user"),
        "PASSWORD": password,
        "HOST": parts.pop("host", ""),
        "PORT": parts.pop("port", ""),
        "CONN_MAX_AGE": 600,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {
            "connect_timeout": 3,
            # Statements that are asked again and again are planned once: a fifth less of the CPU.
            "server_side_binding": True,
            "prepare_threshold": 5,
            **parts,
        },
        "LIMITS": limits,
    }
