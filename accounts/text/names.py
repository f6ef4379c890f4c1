"""What a person or a thing may be called: what goes out in our e-mails is a name, and no message.

Pure. Else a user who may invite people has us send "URGENT: log in at https://…" to anybody.
"""

import re
import unicodedata

from accounts.text import clean_text

LONGEST = 100  # characters
MOST_WORDS = 7
MOST_DIGITS = 4  # in a person's name, as in Henry 8th
MOST_IN_A_ROW = 8  # digits in what a job or a device is called: a phone number has more
ONE_NAME = "If they have only one name, enter it in both boxes"
_LABEL_WORDS = 9
_APOSTROPHES = "'`\u00b4\u02b9\u02bb\u02bc\u2018\u2019\u201b\u2032"
_BETWEEN = frozenset(f" {_APOSTROPHES}.()\u00b7\u30fb")  # and dashes of all kinds
# An abbreviation ends in a full stop: St. John, J. R. R.; nothing else may.
_LONG_BEFORE_STOP = re.compile(r"[^\W_]{5,}\.|\.\.|\.[^\W_]{2}")
# What no one is called, and messages are made of.
_WORDS = """
asap download email expired expires http https immediately login logon logout nhs nhsmail passcode
password pharmrefer suspended unlock urgent urgently verify www
"""
_IN_MESSAGES = frozenset(_WORDS.split())
_LOG_IN = re.compile(r"\b(log|sign)[ -](in|on)\b")
_ADDRESS = re.compile(r"://|@|[^\W_]\.[^\W\d_]{2,}")
_SENTENCE = re.compile(r"[!?;:\"\u201c\u201d]|[^\W\d_]{6,}\. ")


def why_no_name(text: str) -> str:
    """Return in a sentence for the user what is wrong with a person's name, or ""."""
    if not any(letter.isalpha() for letter in text):
        return f"Enter a name, with letters. {ONE_NAME}"
    if sum(letter.isdigit() for letter in text) > MOST_DIGITS:
        return "A name must not have a number in it. Enter only the name"
    odd = next((letter for letter in text if not _is_in_names(letter)), "")
    if odd or _LONG_BEFORE_STOP.search(text) or _is_message(text):
        sign = f"without “{odd}”" if odd else "without messages or web addresses"
        return f"Enter only the name, {sign}: we use it in emails"
    if len(text.split()) > MOST_WORDS:
        return f"A name must be {MOST_WORDS} words or fewer"
    return ""


def why_no_label(text: str) -> str:
    if not any(letter.isalnum() for letter in text):
        return "Enter a name with letters or digits"
    typed = clean_text.plain(text)
    if _ADDRESS.search(typed) or _SENTENCE.search(typed):
        return "Enter only a name, without messages, web or email addresses: it is shown to others"
    if re.search(rf"\d(?:[ ()-]*\d){{{MOST_IN_A_ROW}}}", typed):
        return "Enter a name without a phone number"
    if len(text.split()) > _LABEL_WORDS:
        return f"A name must be {_LABEL_WORDS} words or fewer"
    return ""


def _is_in_names(letter: str) -> bool:
    kind = unicodedata.category(letter)
    return kind[0] in "LM" or kind in {"Nd", "Pd"} or letter in _BETWEEN


def _is_message(text: str) -> bool:
    folded = text.casefold()
    words = set(re.findall(r"[^\W\d_]+", folded))
    return bool(words & _IN_MESSAGES) or _LOG_IN.search(folded) is not None
