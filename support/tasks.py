"""When what help has stored is cleared away: tasks of the same workers as referrals/tasks.py."""

from django.utils import timezone

from referrals.tasks import app
from support.codes import codes

app.conf.task_routes |= {"forget-codes": "control"}
app.conf.beat_schedule |= {
    "forget-codes": {"task": "forget-codes", "schedule": 600.0, "options": {"expires": 300}},
}


@app.task(name="forget-codes")
def forget_codes() -> None:
    codes.forget_expired(now=timezone.now())
