"""What the web server loads; a wrong setting ends the start with a sentence."""

import os
import sys

from django.core.exceptions import ImproperlyConfigured
from django.core.wsgi import get_wsgi_application

from pharmrefer.content_type import with_plain_content_type
from pharmrefer.wsgi_over_asgi import WholeRequests
from support.addresses import WITHOUT_DATABASE

# What asks no database, and what such pages look like.
APART = (*WITHOUT_DATABASE, "/health/live", "/static/")

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pharmrefer.settings")
try:
    application = WholeRequests(with_plain_content_type(get_wsgi_application()), apart=APART)
except ImproperlyConfigured as error:
    sys.exit(f"pharmrefer: {error}")
