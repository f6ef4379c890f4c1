"""Django's settings: one file, and environments differ by variables only (docs/settings.md)."""

import tomllib
from datetime import timedelta
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

from pharmrefer import env
from pharmrefer.provision import LIMITS, OWNER_LIMITS

ROOT = Path(__file__).resolve().parent.parent
VERSION = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]

# --- Where it runs -------------------------------------------------------------------------------
PUBLIC_URL = env.public_url("PUBLIC_URL")
SECRET_KEY = env.key("SECRET_KEY")
FIELD_KEYS = env.numbered_keys("FIELD_KEYS")
LOOKUP_KEY = env.key("LOOKUP_KEY")
DEBUG = False
ALLOWED_HOSTS = [str(PUBLIC_URL.hostname)]
if PUBLIC_URL.hostname in env.LOCAL_HOSTS:
    ALLOWED_HOSTS = [*env.LOCAL_HOSTS - {"::1"}, "[::1]"]
ROOT_URLCONF = "pharmrefer.urls"
INSTALLED_APPS = [
    "accounts",
    "referrals",
    "support",
    "django.contrib.staticfiles",
]
MIDDLEWARE = [
    "pharmrefer.health.by_any_name",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "pharmrefer.headers.security_headers",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "support.middleware.open_without_database",
    "accounts.sign_in.middleware.AccessMiddleware",
]

# --- Logging in (docs/decisions/2026-11-23-logging-in.md) ----------------------------------------
AUTH_USER_MODEL = "accounts.User"
PASSWORD_HASHERS = ["accounts.factors.passwords.Argon2id"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "accounts.sign_in.password_rules.LengthValidator"},
    {"NAME": "accounts.sign_in.password_rules.CommonValidator"},
    {"NAME": "accounts.sign_in.password_rules.ContextValidator"},
    {"NAME": "accounts.sign_in.password_rules.StrengthValidator"},
]
SESSION_LOCK = timedelta(minutes=env.number("SESSION_LOCK_MINUTES", default=15))
SESSION_IDLE = timedelta(minutes=env.number("SESSION_IDLE_MINUTES", default=60))
SESSION_LONGEST = timedelta(minutes=env.number("SESSION_LONGEST_MINUTES", default=720))
# Proxies of ours, in front of PharmRefer: only they are believed when they say who asks.
TRUSTED_PROXIES = env.networks("TRUSTED_PROXIES", default="127.0.0.1,::1")
SESSION_WARNING = timedelta(minutes=2)  # before the screen locks or the session ends
if not SESSION_WARNING < SESSION_LOCK <= SESSION_IDLE <= SESSION_LONGEST:
    raise ImproperlyConfigured(
        "SESSION_LOCK_MINUTES, SESSION_IDLE_MINUTES and SESSION_LONGEST_MINUTES must be 3 or more, "
        "and each no less than the one before."
    )

# --- Database: two roles (docs/decisions/2026-11-23-two-database-roles.md) -----------------------
DATABASES = {
    "default": env.database(
        env.required(
            "DATABASE_URL",
            "make run starts a database by itself; elsewhere give the application role's URL, "
            "as in postgresql://pharmrefer_app:password@host/pharmrefer.",
        ),
        "DATABASE_URL",
        limits=LIMITS,
    )
}
if (owner := env.optional("DATABASE_OWNER_URL")) is not None:
    # Set for migrations only; manage.py migrate uses it.
    DATABASES["owner"] = env.database(owner, "DATABASE_OWNER_URL", limits=OWNER_LIMITS)
    if DATABASES["owner"]["USER"] == DATABASES["default"]["USER"]:
        raise ImproperlyConfigured(
            "DATABASE_URL and DATABASE_OWNER_URL name the same role: the application must not "
            "own its tables, so give it a role of its own."
        )
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- Whom to ask: regional content, which operators change on a page ------------------------------
env.retired(
    *("SERVICE_DESK_PHONE", "SERVICE_DESK_EMAIL", "SERVICE_DESK_HOURS"),
    remedy="say who to ask on the page /region/, or in a file for manage.py load_region "
    "(docs/region.md)",
)
# Where the service desk is emailed: a function that returns its address, or "" for nowhere.
SERVICE_DESK_ADDRESS = "support.region.current.service_desk_email"

# --- Who resets authenticators --------------------------------------------------------------------
PRACTICES_RESET = env.switch("PRACTICES_RESET")

# --- Sending referrals ---------------------------------------------------------------------------
SOURCE_DOS_SERVICE_ID = env.identifier(
    "SOURCE_DOS_SERVICE_ID",
    "give the Directory of Services id under which the NHS finds this installation.",
)
# How: a class that referrals/transports/__init__.py describes.
TRANSPORT = "referrals.transports.bars.Bars"
GIVE_UP_AFTER = timedelta(minutes=env.number("GIVE_UP_AFTER_MINUTES", default=120))
DRAFTS_KEPT = timedelta(days=env.number("DRAFTS_KEPT_DAYS", default=7))  # since the last change
# Touched by worker processes while they work: its age is their health.
HEALTH_FILE = Path(path) if (path := env.optional("HEALTH_FILE")) else None

# Where the control worker asks each minute whether the website works.
STATUS_CHECK_URL = env.web_address("STATUS_CHECK_URL", default=PUBLIC_URL)

# The row is the queue and Celery only enqueues its id: no results, nothing kept or timed.
# These are for a web server, which must not wait; pharmrefer/celery.py has a worker's patience.
CELERY_BROKER_URL = env.broker(
    "BROKER_URL",
    "make run starts a broker by itself; elsewhere give Valkey's, as in redis://valkey.",
)
CELERY_TASK_IGNORE_RESULT = True
CELERY_RESULT_BACKEND = None
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_ACKS_ON_FAILURE_OR_TIMEOUT = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TASK_PUBLISH_RETRY = False
CELERY_BROKER_CONNECTION_TIMEOUT = 1
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "socket_timeout": 1,
    "socket_connect_timeout": 1,
    "max_retries": 0,
    "interval_start": 0,
}

# --- E-mail: waits in rows until it has been sent (accounts/mail.py) ------------------------------
_MAIL_SERVER = env.mail_server(
    "EMAIL_URL",
    "give the server that sends email, as in smtps://user:password@mail.example:465.",
)
EMAIL_BACKEND = _MAIL_SERVER.backend
EMAIL_HOST = _MAIL_SERVER.host
EMAIL_PORT = _MAIL_SERVER.port
EMAIL_HOST_USER = _MAIL_SERVER.user
EMAIL_HOST_PASSWORD = _MAIL_SERVER.password
EMAIL_USE_SSL = _MAIL_SERVER.is_tls
EMAIL_USE_TLS = _MAIL_SERVER.becomes_tls
EMAIL_FILE_PATH = _MAIL_SERVER.folder
EMAIL_TIMEOUT = 15  # seconds
DEFAULT_FROM_EMAIL = env.sender(
    "EMAIL_FROM", "give who emails are from, as in PharmRefer <no-reply@pharmrefer.example>."
)

# --- Pages ---------------------------------------------------------------------------------------
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "DIRS": [ROOT / "templates"],
        "APP_DIRS": False,
        "OPTIONS": {
            "environment": "pharmrefer.jinja.environment",
            "context_processors": ["pharmrefer.jinja.csrf_input_once"],
        },
    }
]
STATIC_URL = "/static/"
STATIC_ROOT = ROOT / "build" / "collected"
STATICFILES_DIRS = [ROOT / "pharmrefer" / "static", ROOT / "build" / "static"]
STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.FileSystemFinder"]
STORAGES = {
    "staticfiles": {"BACKEND": "pharmrefer.staticfiles.Storage"},
}
LANGUAGE_CODE = "en-gb"
USE_I18N = False
TIME_ZONE = "Europe/London"
USE_TZ = True

# --- What is sent to us: pharmrefer/nginx.conf lets 1 MB through, and more to one page only ------
DATA_UPLOAD_MAX_MEMORY_SIZE = (
    2_500_000  # bytes of what was typed: more than accounts.people.rosters takes
)
FILE_UPLOAD_MAX_MEMORY_SIZE = 5_000_000  # bytes in all with which a file is taken
# A file is read where it arrives and never written to a disk: one that is too large is left out.
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.MemoryFileUploadHandler"]

# --- Browser security: on as soon as the public address is https ---------------------------------
_HTTPS = PUBLIC_URL.scheme == "https"
SECURE_SSL_REDIRECT = _HTTPS
SECURE_REDIRECT_EXEMPT = [r"^health/"]
# TLS ends at the proxy, which must overwrite this header (docs/settings.md).
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if _HTTPS else None
SECURE_HSTS_SECONDS = 31_536_000 if _HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = _HTTPS
SECURE_HSTS_PRELOAD = _HTTPS
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_SECURE = _HTTPS
SESSION_COOKIE_NAME = "__Host-session" if _HTTPS else "session"
PENDING_COOKIE_NAME = "__Host-log-in" if _HTTPS else "log-in"
DEVICE_COOKIE_NAME = "__Host-device" if _HTTPS else "device"
CONNECTION_COOKIE_NAME = "__Host-connection" if _HTTPS else "connection"
CSRF_COOKIE_SECURE = _HTTPS
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_NAME = "__Host-csrftoken" if _HTTPS else "csrftoken"
CSRF_FAILURE_VIEW = "pharmrefer.errors.csrf_failure"
X_FRAME_OPTIONS = "DENY"

# --- Logs: to standard error, never patient data (pharmrefer/logs.py) ----------------------------
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "()": "pharmrefer.logs.LineFormatter",
            "format": "{asctime} {levelname} {name}: {message}",
            "style": "{",
        },
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": "INFO"},
    "loggers": {
        # Django's own handlers would mail tracebacks; ours goes to the root.
        "django": {"handlers": [], "level": "INFO", "propagate": True},
        # Not a line for every mistake in a form and every page that is not there.
        "django.request": {"level": "ERROR"},
        # A wrong Host header is the sender's fault and anybody can send one.
        "django.security.DisallowedHost": {"level": "CRITICAL"},
        # And anybody can paste more than we take, by mistake too: they are told.
        "django.security.RequestDataTooBig": {"level": "CRITICAL"},
        "django.security.TooManyFieldsSent": {"level": "CRITICAL"},
        "django.security.TooManyFilesSent": {"level": "CRITICAL"},
        # Or ask over http, or without the last slash, for an address too long to lead back to.
        "django.security.DisallowedRedirect": {"level": "CRITICAL"},
        # Not two lines for every task: what came of it, delivery says.
        "celery": {"level": "WARNING"},
        "celery.app.trace": {"level": "CRITICAL"},  # the words of exceptions: tasks log their own
        "kombu": {"level": "WARNING"},
    },
}
