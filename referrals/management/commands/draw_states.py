"""``manage.py draw_states``: the picture of the states of a referral, for docs/."""

from typing import Any

from django.core.management.base import BaseCommand

from referrals import states


class Command(BaseCommand):
    """Prints ``docs/referral-states.md``; a test says when the file is stale."""

    requires_system_checks = ()  # they load every page: half of its start
    help = "Print the picture of a referral's states, as docs/referral-states.md holds it."

    def handle(self, **_options: Any) -> None:
        self.stdout.write(states.page())
