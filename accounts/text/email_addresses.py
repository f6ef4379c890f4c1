"""Whose an e-mail address is: one person's, or a mailbox that several people read.

Pure: it knows no rows. What NHSmail calls a shared mailbox looks like surgery.c82001@nhs.net.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence

from accounts.text import clean_text

# The first words are of the guidance for the replaced service; NHSmail's naming rules for shared
# mailboxes have the rest.
_WORDS = """
accounts admin administration administrator all appointments booking bookings care carer center
centre clinic clinical clinician comms complaints contact desk dispensary doctor doctors duty email
enquiries enquiry everyone front generic gp gps group health hello help info information inbox
letters locum locums mail mailbox management manager med medical meds navigator nhs nurse nurses
nursing office patients pcn pharmacist pharmacy pharmacyfirst postmaster practice prescribing
prescription prescriptions reception receptionist receptionists referral referrals registration
registrations repeat repeats reports results room safeguarding scripts secretarial secretaries
secretary service shared staff support surgery surgeries team the triage us user webmaster workflow
"""
SHARED = frozenset(_WORDS.split())
# Of these, families that live in England are called too.
_FAMILIES = """
all booking care carer centre clinician doctor duty front group health help letters mail manager med
nurse office repeat room service staff support us user
"""
_SURNAMES = frozenset(_FAMILIES.split())
# What stands for what letter where a word is dressed up; a one stands for two of them.
_SIGNS = [str.maketrans("@4301!$5", f"aaeo{one}iss") for one in "il"]
_ONLY_SHARED = re.compile(f"(?:{'|'.join(sorted(SHARED, key=len, reverse=True))})+")
SHORTEST_WORD = 4  # letters of a practice's name that may name its mailbox
SHORTEST_MADE = 6  # letters of a word that is several of them: a person may be called Theus
SHORTEST_PART = 3  # letters of a person's name that count inside a longer word


def mailbox(email: str) -> str:
    """Return an address as its mailbox has it: in lower case, without a tag after a plus sign.

    RFC 5233: what stands behind the separator is the mailbox owner's own sorting.
    """
    local, at, domain = clean_text.address(email).casefold().rpartition("@")
    return f"{local.partition('+')[0]}{at}{domain}"


def bare(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text).casefold()
    return "".join(letter for letter in decomposed if letter.isalnum())


def _words(text: str) -> list[str]:
    decomposed = unicodedata.normalize("NFKD", text).casefold()
    plain = "".join(letter for letter in decomposed if not unicodedata.combining(letter))
    return re.findall(r"[^\W\d_]+", re.sub("['\u2019]", "", plain))


def _readings(local: str) -> Iterator[str]:
    # The words of an address, then all of it as one, then both with signs read as letters.
    words = _words(local)
    yield from (*words, "".join(words))
    for signs in _SIGNS:
        dressed = [word for word in re.split(r"[^\w@!$]|_", local) if not word.isalpha()]
        dressed += [word.rstrip("0123456789") for word in dressed]
        read = [_words(word.translate(signs)) for word in (*dressed, local)]
        yield from (word for each in read for word in each if len(word) >= SHORTEST_WORD)


def _is_shared(word: str) -> bool:
    is_made_of = len(word) >= SHORTEST_MADE and _ONLY_SHARED.fullmatch(word)
    return word in SHARED or bool(is_made_of)


def _holds_name(local: str, names: Sequence[str]) -> bool:
    """Say whether an address holds a name, or a part of one: as a word, or inside a word.

    What desks are called proves nothing, also where a person is called so, but for a family name
    with the initial of a given one, as in p.nurse.
    """
    words, joined = _words(local), bare(local)
    parts = [part for name in names for part in _words(name) if not _is_shared(part)]
    parts += [bare(name) for name in names if not all(map(_is_shared, _words(name)))]
    if any(part in words or (len(part) >= SHORTEST_PART and part in joined) for part in parts):
        return True
    letters = "".join(words)
    initials = {word[0] for name in names[:-1] for word in _words(name)}
    families = {word for name in names[-1:] for word in _words(name)}
    both = {(first + last, last + first) for first in initials for last in families}
    return any(letters in each for each in both)


def is_personal(names: Sequence[str]) -> bool:
    """Say whether given and family name are a person's, and not only what a desk is called."""
    given, *families = [_words(name) for name in names]
    is_given = not given or not all(map(_is_shared, given))
    last = [word for words in families for word in words]
    is_family = not last or not all(_is_shared(word) and word not in _SURNAMES for word in last)
    return is_given and is_family


def why_shared(
    email: str, *, names: Sequence[str], practice_name: str = "", ods_code: str = ""
) -> str:
    """Return why an address looks shared, or "" where it looks like one person's.

    The reason is a part of a sentence, as in ``“reception” suggests a shared mailbox``. An address
    that holds the person's given or family name is theirs, whatever else it holds: people share
    names with surgeries.

    Args:
        names: the person's given name and family name.
    """
    local = mailbox(email).rpartition("@")[0]
    if _holds_name(local, names):
        return ""
    joined, words = bare(local), _words(local)
    if ods_code and bare(ods_code) in joined:
        return "it contains the practice's code"
    if re.search(r"(?<![a-z0-9])[a-hj-npvwy][0-9]{5}(?![0-9])", local):
        return "it contains a practice's code"
    for word in _readings(local):
        if _is_shared(word):
            return f"“{word}” suggests a shared mailbox"
    named = {word for word in _words(practice_name) if len(word) >= SHORTEST_WORD}
    for word in sorted(named - SHARED):
        if word in words or bare(practice_name) in joined:
            return f"“{word}” is the name of the practice"
    return ""
