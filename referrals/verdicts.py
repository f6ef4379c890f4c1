"""What comes of an attempt to deliver, whichever way the message went: a verdict and its reason.

Pure. The reasons are one table: the value is stored in rows, the sentence is shown to the sender.
"""

from dataclasses import dataclass
from enum import StrEnum


class VerdictKind(StrEnum):
    ACCEPTED = "accepted"
    RETRY = "retry"  # the same bytes with the same ids
    REFUSED = "refused"  # sending it again would change nothing


class Reason(StrEnum):
    """Why: the stored value, its sentence, and whether the pharmacy's system has no part in it."""

    sentence: str
    is_ours: bool

    def __new__(cls, value: str, sentence: str = "", is_ours: bool = False) -> "Reason":  # noqa: FBT001, FBT002  a row
        member = str.__new__(cls, value)
        member._value_, member.sentence, member.is_ours = value, sentence, is_ours
        return member

    ACCEPTED = "accepted", "The pharmacy's system has accepted the referral"
    DUPLICATE = "duplicate", "The pharmacy's system already has the referral"
    NO_ANSWER = "no-answer", "The pharmacy's system has not answered"
    UNREADABLE = (
        "unreadable",
        "The pharmacy's system sent an answer that PharmRefer could not read",
    )
    IN_PROGRESS = "in-progress", "The pharmacy's system is still working on the referral"
    TIMEOUT = "timeout", "The pharmacy's system took too long to answer"
    BUSY = "busy", "The pharmacy's system is busy"
    UNAVAILABLE = "unavailable", "The pharmacy's system is not available"
    FAILED = "failed", "The pharmacy's system has a fault"
    OUR_ACCESS = "our-access", "PharmRefer could not sign in to the NHS referral service", True
    NOT_UNDERSTOOD = "not-understood", "The pharmacy's system could not understand the referral"
    NOT_FOUND = "not-found", "This pharmacy cannot receive electronic referrals"
    CONFLICT = (
        "conflict",
        "The pharmacy's system rejected it because it conflicts with a referral it already has",
    )
    REFUSED = "refused", "The pharmacy's system did not take the referral"
    # No answer gives these. With NO_ROUTE and UNREACHABLE nothing has been sent. OUR_FAULT may
    # also be that we cannot make out an answer, and then the pharmacy may have the referral:
    # ``may_have_arrived`` of the verdict says which.
    NO_ROUTE = "no-route", "PharmRefer has no address for the pharmacy's system", True
    OUR_FAULT = "our-fault", "PharmRefer has a fault", True
    UNREACHABLE = "unreachable", "The pharmacy's system could not be reached"


@dataclass(frozen=True, slots=True)
class Verdict:
    kind: VerdictKind
    reason: Reason
    may_have_arrived: bool  # the pharmacy may have the referral, for all we know
    few_tries: bool = False  # worth a few more tries, not as many as the others
    code: str = ""  # the other side's own, for logs
    retry_after: int | None = None  # seconds
