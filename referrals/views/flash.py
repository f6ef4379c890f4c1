"""The flash messages of the pages of referrals: see ``accounts.web.flash``."""

CLINICAL_CONTENT = {
    "again": "That was done by someone else meanwhile. This is how it is now.",
    "confirmed": "The pack is live. It is in force from its first day on.",
    "discarded": "The pack is discarded. It can be loaded again.",
}
HOME = {"deleted": "The draft was deleted."}


DRAFT = {
    "copy": (
        "This referral was also changed in another window. What you typed is kept here, as a "
        "separate draft: delete one of the two."
    ),
    "handed-over": (
        "This referral was handed to a colleague. What you typed is kept here, as a separate "
        "draft: ask them which of the two to send, and delete the other one."
    ),
    "kept": "Nothing was lost: what you typed is here. Press Continue again.",
    "other-questions": (
        "The clinical questions, or what follows from the answers, have changed since you wrote "
        "this. Your answers are all here: check them, then press Continue."
    ),
    "renewed": "You have logged in again. Nothing was lost: press Continue again.",
    "unfinished": "This referral is not finished. Finish it, then press Continue.",
}
SETTINGS = {
    "again": "Someone else has just changed that. This is how it is now.",
    "call-back": "You have changed the call-back number. We have told your administrators.",
    "notices": "You have changed the address for notices. We have emailed the old and the new one.",
}
USUAL_PHARMACIES = {
    "again": "Someone else has just changed the list. This is how it is now.",
    "add": "You have added the pharmacy to the end of the list.",
    "remove": "You have removed the pharmacy from the list. You can still find it in a referral.",
    "up": "You have moved the pharmacy up.",
    "down": "You have moved the pharmacy down.",
    "full": "Until midnight nobody at your practice can choose what stands under Full today.",
    "not-full": "The pharmacy can be chosen again.",
}
SEND = {
    "kept": "Nothing has been sent yet. If all of this is right, press Send referral again.",
    "renewed": "You have logged in again. Nothing has been sent yet: press Send referral again.",
}
REFERRAL = {
    "changed": (
        "This referral had already been sent, as you see it here. What you changed after that was "
        "not sent. If it matters, phone the pharmacy."
    )
}
STOPPED = {
    "after-sending": (
        "The referral that you had on this page has already been sent. The answers that you see "
        "here came after that: they are recorded by themselves, and the pharmacy does not have "
        "them. Phone the pharmacy."
    ),
    "apart": (
        "The answers that you see here are recorded by themselves: the referral that you had on "
        "this page was changed, deleted, stopped or handed over in another window. If you still "
        "have a draft of it, it is not stopped: do not send it before you have checked it."
    ),
    "changed": (
        "This referral had already been stopped by its answers, as you see it here. What you "
        "changed after that is not saved. To go on, press Change the answers."
    ),
}
