"""Whose an e-mail address is: one person's, or a mailbox that several people read.

Pure: it knows no rows. What NHSmail calls a shared mailbox looks like surgery.c82001@nhs.net.
"""

import re
import unicodedata
from collections.abc import Iterable

# The first words are of the guidance for the replaced service; NHSmail's naming rules for shared
# mailboxes have the rest.
_WORDS = """
accounts admin administration administrator all appointments care carer center centre clinic
clinical clinician comms contact desk dispensary doctor doctors duty email enquiries enquiry
everyone front generic gp gps group health hello help info information inbox letters locum locums
mail mailbox management manager med medical meds navigator nhs nurse nurses nursing office patients
pcn pharmacist pharmacy pharmacyfirst postmaster practice prescribing prescription prescriptions
reception receptionist receptionists referral referrals repeat repeats reports results room scripts
secretaries secretary service shared staff support surgery surgeries team the triage us user
webmaster workflow
"""
SHARED = frozenset(_WORDS.split())
_ONLY_SHARED = re.compile(f"(?:{'|'.join(sorted(SHARED, key=len, reverse=True))})+")
SHORTEST_WORD = 4  # letters of a practice's name that may name its mailbox
SHORTEST_PART = 3  # letters of a person's name that count inside a longer word


def mailbox(email: str) -> str:
    """Return an address as its mailbox has it: in lower case, without a tag after a plus sign.

    RFC 5233: what stands behind the separator is the mailbox owner's own sorting.
    """
    local, at, domain = email.strip().casefold().rpartition("@")
    return f"{local.partition('+')[0]}{at}{domain}"


def _bare(text: str) -> str:
    """Return a text's letters and digits, in lower case and without marks."""
    decomposed = unicodedata.normalize("NFKD", text).casefold()
    return "".join(letter for letter in decomposed if letter.isalnum())


def _words(text: str) -> list[str]:
    """Return a text's words, without marks and digits."""
    decomposed = unicodedata.normalize("NFKD", text).casefold()
    plain = "".join(letter for letter in decomposed if not unicodedata.combining(letter))
    return re.findall(r"[^\W\d_]+", re.sub("['\u2019]", "", plain))


def _holds_name(local: str, names: Iterable[str]) -> bool:
    """Say whether an address holds a name, or a part of one: as a word, or inside a word."""
    words, bare = _words(local), _bare(local)
    parts = [part for name in names for part in (*_words(name), _bare(name))]
    return any(part in words or (len(part) >= SHORTEST_PART and part in bare) for part in parts)


def is_somebodys(names: Iterable[str]) -> bool:
    """Say whether the names are a person's, and not only what a desk or mailbox is called."""
    words = [word for name in names for word in _words(name)]
    return not all(_ONLY_SHARED.fullmatch(word) for word in words)


def shared_because(
    email: str, *, names: Iterable[str], practice_name: str = "", ods_code: str = ""
) -> str:
    """Return why an address looks like several people's, or nothing: it looks like one person's.

    One that holds the person's given or family name is theirs, whatever else it holds: people
    share names with surgeries.

    Args:
        names: the person's given name and family name.

    Returns:
        a part of a sentence, as in ``"reception" is not a person``.
    """
    local = mailbox(email).rpartition("@")[0]
    if _holds_name(local, names):
        return ""
    bare, words = _bare(local), _words(local)
    letters = "".join(words)
    if ods_code and _bare(ods_code) in bare:
        return "it holds the code of the practice"
    if re.search(r"(?<![a-z0-9])[a-hj-npvwy][0-9]{5}(?![0-9])", local):
        return "it holds the code of a practice"
    for word in (*words, letters):
        if _ONLY_SHARED.fullmatch(word):
            return f'"{word}" is not a person'
    named = {word for word in _words(practice_name) if len(word) >= SHORTEST_WORD}
    for word in sorted(named - SHARED):
        if word in words or _bare(practice_name) in bare:
            return f'"{word}" is what the practice is called'
    return ""
