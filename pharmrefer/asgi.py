"""What the web server loads; a wrong setting ends the start with a sentence."""

import os
import sys

from django.core.exceptions import ImproperlyConfigured
from django.core.wsgi import get_wsgi_application

from pharmrefer.content_type import with_plain_content_type
from pharmrefer.wsgi_over_asgi import WholeRequests
from support.addresses import WITHOUT_DATABASE

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pharmrefer.settings")
try:
    ours = with_plain_content_type(get_wsgi_application())
    application = WholeRequests(ours, apart=WITHOUT_DATABASE)
except ImproperlyConfigured as error:
    sys.exit(f"pharmrefer: {error}")
