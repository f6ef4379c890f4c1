"""The words that are retired, and where names still have them: ``python -m tests.house.words``.

A name is what our code gives: to a module, class, function, argument, variable or attribute, and
to a file under templates/ or static/. Text in quotes is none: stored values, salts, what is bound
into ciphertexts, addresses and what people read.
"""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

from pharmrefer.local import ROOT

ACCOUNTS = ("accounts/", "templates/accounts/", "templates/mail/", "tests/accounts/")
REFERRALS = ("referrals/", "templates/referrals/", "tests/referrals/")
FILES = ("templates", "pharmrefer/static")


@dataclass(frozen=True)
class Retired:
    """A word, or several forms of one, in the sense in which it is no name any more."""

    pattern: str  # of a name in the way of "_last_used_at_", whatever way it is written
    called: str
    where: tuple[str, ...] = ("",)  # elsewhere it means something else
    files_only: bool = False  # in the code it means something else
    in_sentences: bool = False  # nor may the names of tests, which are prose, say so


RETIRED = {
    # Programs stop, accounts are locked. A full stop is a character.
    "stop": Retired("(?<!_full)_(stop(s|ped)?|halt(s|ed)?)_", "lock, locked, lockout", ACCOUNTS),
    # Of two things, screen and account, it must say which.
    "unlock": Retired("^_unlock(ed)?_$", "unlock_screen or unlock_account"),
    # What stands "in place" of something, or is unlocked in place, is plain English.
    "place": Retired("(?<!_in)_places?_", "membership, session or location"),
    # Not sign_in, not WebAuthn's signCount, and not what is signed with a key.
    "sign": Retired("_signs?_(?!in_|out_|count_|person_)", "shared-login indicator", ACCOUNTS),
    # To look something up, or after it, is another thing.
    "look": Retired(
        "_looks?_(?!up_|ahead_|after_|alike_|at_)", "access log, entry", (*ACCOUNTS, *REFERRALS)
    ),
    "deed": Retired("_deeds?_", "access log entry", in_sentences=True),
    # How long rows are kept is another thing.
    "kept": Retired("_(keep|kept)_(?!for_)", "stash, stashed", ACCOUNTS),
    # An authenticator's window is RFC 6238's, that of a limit is everybody's; both are in accounts.
    "window": Retired("_windows?_", "form token", REFERRALS),
    "basis": Retired("_basis_", "base version", REFERRALS),
    # People are turned off and on.
    "turn": Retired("_turns?_(?!off_|on_)", "save sequence", REFERRALS),
    "ring": Retired("_(rings?|ringing|rang|(un)?rung|unring|(door)?bells?)_", "enqueue, enqueued"),
    "peace": Retired("_peace_", "circuit breaker open", in_sentences=True),
    "administer": Retired("_administer_", "memberships", files_only=True),
    "additions": Retired("_additions_", "invitations", files_only=True),
    "moves": Retired("_moves_", "practice transfer", files_only=True),
    "objections": Retired("_object(ions?|ed)_", "dispute, disputed", ACCOUNTS),
    "changes": Retired("_changes_", "credentials", files_only=True),
    "steps": Retired("_steps_", "attempts", files_only=True),
    # The demonstration pharmacy system is told what to answer.
    "told": Retired("_told_", "case row; or notified", ACCOUNTS),
    "standing": Retired("_standing_", "account status"),
    "outlook": Retired("_outlook_", "invitation plan"),
    "attention": Retired("_attention_", "reminders"),
    "enough": Retired("^_enough_$", "MIN_ADMINISTRATORS", ACCOUNTS),
    "news": Retired("_news_", "flash message", (*ACCOUNTS, *REFERRALS)),
    "because": Retired("_because_", "flash message; or reason"),
    "whole": Retired("_is_whole_", "is_complete"),
    "half-written": Retired("_half_written_", "incomplete", in_sentences=True),
    "typed": Retired("_typed_", "clean_text", files_only=True),
    "readable": Retired("_readable_", "display_case", files_only=True),
    "usual": Retired("^(_test)?_usual_$", "usual_pharmacies", files_only=True),
    "healthy": Retired("_healthy_", "healthcheck", files_only=True),
    "somebody": Retired("_somebod(y|ys|ies)_", "user, member, caller, patient", in_sentences=True),
    "whoever": Retired("_(whoever|whomever)_", "user, member, caller, patient", in_sentences=True),
}
# A view's module, its function and its template carry the word of their address, and a command's
# module its name; neither is renamed.
KEPT_BY_ADDRESSES = {"looks", "place", "unlock"}
# Names, by their file, that have such a word in another sense.
ALLOWED = {
    "a character of a text": {
        ("email_addresses", "_SIGNS"),
        ("email_addresses", "signs"),
        ("names", "sign"),
        ("names", "_LONG_BEFORE_STOP"),
        ("password_strength", "MOST_SIGNS"),
        ("password_strength", "_SIGNS"),
        ("password_rules", "_SIGNS"),
        ("password_rules", "signs"),
        ("test_activate", "sign"),
        ("test_clean_text", "sign"),
        ("test_log_in", "sign"),
    },
    "plus or minus": {("test_second_factor", "sign")},
    "to see whether there is work": {("rescue", "_look"), ("watchdog", "look")},
}


@dataclass(frozen=True, order=True)
class Name:
    """A name, and the file that gives it."""

    path: str
    text: str
    is_file: bool = False

    @property
    def is_sentence(self) -> bool:
        return not self.is_file and self.text.lower().startswith("test")

    @cached_property
    def spelt_out(self) -> str:
        """Its words in the way of ``_last_used_at_``."""
        words = re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+", self.text)
        return f"_{'_'.join(words).lower()}_"

    @property
    def is_of_an_address(self) -> bool:
        path = Path(self.path)
        is_there = {"views", "commands", "templates"} & set(path.parts)
        return bool(is_there) and self.text == path.stem and self.text in KEPT_BY_ADDRESSES

    @property
    def is_allowed(self) -> bool:
        return any((Path(self.path).stem, self.text) in names for names in ALLOWED.values())

    def has(self, word: Retired) -> bool:
        if (word.files_only and not self.is_file) or (self.is_sentence and not word.in_sentences):
            return False
        is_there = self.path.startswith(word.where) and re.search(word.pattern, self.spelt_out)
        return bool(is_there) and not self.is_of_an_address and not self.is_allowed


def given_in(tree: ast.AST) -> Iterator[str]:
    """Yield the names that a module gives."""
    for node in ast.walk(tree):
        match node:
            case ast.FunctionDef(name) | ast.AsyncFunctionDef(name) | ast.ClassDef(name):
                yield name
            case ast.arg(name) | ast.Name(name, ast.Store()) | ast.Attribute(_, name, ast.Store()):
                yield name
            case ast.alias(asname=str(name)) | ast.ExceptHandler(name=str(name)):
                yield name


@cache
def names() -> frozenset[Name]:
    """Return every name of the project, once a file; migrations say what was."""
    found = set()
    for folder in ("accounts", "referrals", "support", "pharmrefer", "tests"):
        for path in (ROOT / folder).rglob("*.py"):
            where = str(path.relative_to(ROOT))
            module = path.parent.name if path.stem == "__init__" else path.stem
            if "migrations" not in path.parts:
                found.add(Name(where, module, is_file=True))
                found |= {Name(where, name) for name in given_in(ast.parse(path.read_text()))}
    files = [path for folder in FILES for path in (ROOT / folder).rglob("*") if path.is_file()]
    return frozenset(found | {Name(str(p.relative_to(ROOT)), p.stem, is_file=True) for p in files})


def with_word(word: str) -> list[Name]:
    """Return the names that have a retired word."""
    return sorted(name for name in names() if name.has(RETIRED[word]))


if __name__ == "__main__":
    for each, retired in RETIRED.items():
        print(f"{each}: {len(with_word(each))} (say: {retired.called})")
        for name in with_word(each):
            print(f"    {name.path}: {name.text}")
