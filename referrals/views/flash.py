"""The flash messages of the pages of referrals: see ``accounts.web.flash``."""

HOME = {"deleted": "The draft was deleted."}


DRAFT = {
    "copy": (
        "This referral was changed in another window too. What you typed is kept here, as a draft "
        "of its own: delete one of the two."
    ),
    "handed-over": (
        "This referral was handed to a colleague. What you typed is kept here, as a draft of its "
        "own: ask them which of the two to send, and delete the other one."
    ),
    "kept": "Nothing was lost: what you typed is here. Press Continue again.",
    "renewed": "Your log-in was renewed. Nothing was lost: press Continue again.",
    "unfinished": "This referral is not finished. Finish it, then press Continue.",
}
SETTINGS = {
    "again": "That was changed by somebody else meanwhile. This is how it is now.",
    "call-back": "The call-back number is changed. Your administrators are told.",
    "notices": "The address for notices is changed. The old one and the new one are told.",
}
USUAL_PHARMACIES = {
    "again": "Somebody else has changed the list meanwhile. This is how it is now.",
    "add": "The pharmacy is added, at the end of the list.",
    "remove": "The pharmacy is removed from the list. It can still be found in a referral.",
    "up": "The pharmacy is moved up.",
    "down": "The pharmacy is moved down.",
    "full": "Until midnight nobody at your practice can choose that pharmacy.",
    "not-full": "The pharmacy can be chosen again.",
}
SEND = {
    "kept": "Nothing has been sent yet. If all of this is right, press Send referral again.",
    "renewed": "Your log-in was renewed and nothing has been sent yet: press Send referral again.",
}
REFERRAL = {
    "changed": (
        "This referral had been sent already, as you see it here. What you changed after that was "
        "not sent. If it matters, phone the pharmacy."
    )
}
