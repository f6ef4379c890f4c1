"""PharmRefer's settings, but for Django's own way to hash passwords: what log-ins are held to."""

from django.conf import global_settings

from pharmrefer.settings import *  # noqa: F403

PASSWORD_HASHERS = global_settings.PASSWORD_HASHERS[:1]
