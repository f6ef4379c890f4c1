"""What a worker process loads: ``celery --app pharmrefer.celery worker``.

A wrong setting ends the start with a sentence.
"""

import logging.config
import os
import sys

import django
from celery.signals import setup_logging
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pharmrefer.settings")
os.environ.setdefault("CELERY_SKIP_CHECKS", "yes")  # they load every page, which make check does
try:
    django.setup()
except ImproperlyConfigured as error:
    sys.exit(f"pharmrefer: {error}")

from referrals.tasks import app
from support import tasks as support_tasks

__all__ = ["app", "support_tasks"]


@setup_logging.connect
def _as_in_the_settings(**_: object) -> None:
    # With this signal handled, Celery sets up no logs of its own.
    logging.config.dictConfig(settings.LOGGING)


# A worker waits for the broker as long as it takes, and notices one that has gone silent.
app.conf.broker_connection_timeout = 2
app.conf.broker_connection_retry_on_startup = True
app.conf.broker_connection_max_retries = None
app.conf.broker_transport_options = {
    "visibility_timeout": 120,  # longer than the longest task
    "unacked_restore_interval": 5,
    "unacked_restore_throttle": 1,  # else what a killed worker held comes back 100 s later
    "socket_timeout": 5,
    "socket_connect_timeout": 2,
    "socket_keepalive": True,
    "health_check_interval": 10,
    "retry_on_timeout": False,
}
