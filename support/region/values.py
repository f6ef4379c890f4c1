"""What a phone number, an address or a text of the region must look like, typed or in a file. Pure.

Each function returns the value as it is stored, or raises NotFitError.
"""

import re
from urllib.parse import urlsplit

from accounts.text import clean_text, phones

LONGEST_PHONE = 100  # characters, with the words behind it
# Words are in brackets or after a comma: 0300 123 4567 (option 2). "+44 (0)" are none.
_PHONE = re.compile(r"(.+?)(\s*[,;(](?!0\)).*[A-Za-z].*)?")
_EMAIL = re.compile(r"[\w.+'-]+@[\w-]+(\.[\w-]+)+", re.ASCII)
_HOST = re.compile(r"(?!-)[a-z0-9-]{1,63}(\.[a-z0-9-]{1,63})*(:[0-9]{1,5})?", re.ASCII)


class NotFitError(ValueError):
    """What was typed is none; the message says why, for the user who typed it."""


def phone(typed: str) -> str:
    text = clean_text.line(typed)
    found = _PHONE.fullmatch(text)
    if found is None:
        return ""
    if len(text) > LONGEST_PHONE:
        raise NotFitError(f"Phone number must be {LONGEST_PHONE} characters or fewer")
    try:
        return f"{phones.shown(phones.clean(found[1]))}{found[2] or ''}"
    except phones.NotAPhoneNumberError as error:
        raise NotFitError(str(error)) from error


def email(typed: str) -> str:
    text = clean_text.address(typed)
    if text and not _EMAIL.fullmatch(text):
        raise NotFitError("Enter an email address, like service.desk@region.example")
    return text


def website(typed: str) -> str:
    text = clean_text.line(typed)
    if not text:
        return ""
    try:
        url = urlsplit(text)
        is_fit = url.scheme == "https" and url.hostname and (url.port or True)
    except ValueError:
        is_fit = False
    if not is_fit or " " in text or url.username is not None:
        raise NotFitError("Enter a website with https://, like https://help.region.example")
    return text


def host(typed: str) -> str:
    """Return what an endpoint's address has between https:// and the next slash."""
    text = clean_text.line(typed).casefold()
    if text and not _HOST.fullmatch(text):
        raise NotFitError("Enter the host of an endpoint, like api.pharmacy-system.example")
    return text


def paragraphs(typed: str) -> str:
    """Return a text with an empty line between its paragraphs, and lines as they were typed."""
    lines = [clean_text.line(line) for line in re.split(r"\r\n|\r|\n", typed)]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def line(typed: str) -> str:
    return clean_text.line(" ".join(each for each in re.split(r"[\r\n]+", typed) if each))
