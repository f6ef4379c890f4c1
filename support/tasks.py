"""When readings are taken, and what help has stored is cleared away: tasks of the same workers."""

from django.utils import timezone

from referrals.tasks import app
from support.codes import codes
from support.status import judging, recording, sources

app.conf.task_routes |= {
    **dict.fromkeys(("reading", "forget-codes"), "control"),
    "sender-sign": sources.SEND,
}
app.conf.beat_schedule |= {
    # Three times a minute for one reading: a minute without one shows on the status page.
    "reading": {"task": "reading", "schedule": 20.0, "options": {"expires": 15}},
    "sender-sign": {
        "task": "sender-sign",
        "schedule": judging.SIGNS_EVERY.total_seconds(),
        "options": {"expires": 25},
    },
    "forget-codes": {"task": "forget-codes", "schedule": 600.0, "options": {"expires": 300}},
}


@app.task(name="reading")
def reading() -> None:
    recording.record()


@app.task(name="sender-sign")
def sender_sign() -> None:
    # That it is done shows that sending workers take tasks, also while nobody sends anything.
    recording.sign(sources.SEND)


@app.task(name="forget-codes")
def forget_codes() -> None:
    codes.forget_expired(now=timezone.now())
