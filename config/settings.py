"""One settings file; what differs between machines comes from the environment (docs/operations.md)."""

import logging
import sys
from pathlib import Path

from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from environs import Env
from redis.backoff import NoBackoff
from redis.retry import Retry

from core import logs, patience

env = Env()

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = env.path("UNDERPIN_VAR", BASE_DIR / "var")

# Production means: reached over TLS, with a secret of its own. bin/run serves plain HTTP on loopback.
PRODUCTION = env.bool("UNDERPIN_PRODUCTION", False)
DEBUG = env.bool("DEBUG", False)
SECRET_KEY = env.str("SECRET_KEY") if PRODUCTION else env.str("SECRET_KEY", "only-for-loopback")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", ["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", [])
# The moment that periodic work takes for the start of its process, such as 2015-01-19T01:59:50+00:00.
CLOCK = env.datetime("UNDERPIN_CLOCK", None)
if CLOCK and (PRODUCTION or CLOCK.tzinfo is None):
    raise ImproperlyConfigured("UNDERPIN_CLOCK is for tests and demonstrations, and names its offset from UTC.")
# What mails and tokens' pages put before a path.
BASE_URL = env.str("BASE_URL", f"http://127.0.0.1:{env.int('UNDERPIN_PORT', 8000)}")

INSTALLED_APPS = [
    "demo",
    "nightly",
    "roadmap",
    "sprints",
    "backlog",
    "accounts",
    "core",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "core.storage.CollectedStaticFiles",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "csp",
    "django_filters",
    "django_htmx",
    "django_structlog",
    "drf_spectacular",
    "rest_framework",
    "template_partials",
]

MIDDLEWARE = [
    "core.middleware.RequestLogMiddleware",
    "core.middleware.SecurityHeadersMiddleware",
    "csp.middleware.CSPMiddleware",
    "core.middleware.ProblemsMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "accounts.sessions.SessionAgeMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "core.middleware.RateLimitMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "backlog.clocks.ClockMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
                "backlog.navigation.navigation",
            ],
            "builtins": ["core.templatetags.icons", "django.templatetags.static"],
        },
    },
]
# Fields look the same in every form: templates/django/forms/ draws them.
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

# Two roles on one database: the app may not rewrite its own history (core/apps.py grants),
# the owner migrates. `manage.py migrate` takes the owner by itself.
_DATABASE_URL = env.str("DATABASE_URL", "postgres:///underpin")
DATABASES = {
    "default": {
        **env.dj_db_url("DATABASE_URL", _DATABASE_URL),
        "CONN_MAX_AGE": 600,
        "CONN_HEALTH_CHECKS": True,
        "TEST": {"MIRROR": "owner"},
    },
    "owner": env.dj_db_url("DATABASE_OWNER_URL", _DATABASE_URL),
}
# The server's own limits, and ours for a server that hangs and keeps to none.
DATABASES["default"].setdefault("OPTIONS", {}).update(
    {
        "options": "-c statement_timeout=5s -c lock_timeout=2s -c idle_in_transaction_session_timeout=30s",
        "connect_timeout": 2,
        "connection_factory": patience.Connection,
    }
)

REDIS_URL = env.str("REDIS_URL", "redis://127.0.0.1:6379")
REDIS_TIMEOUT_SECONDS = 2
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "OPTIONS": {
            "db": 1,
            "socket_timeout": REDIS_TIMEOUT_SECONDS,
            "socket_connect_timeout": REDIS_TIMEOUT_SECONDS,
            # One more try on a connection that the server has closed; waiting for it is not a request's work.
            "retry": Retry(NoBackoff(), 1),
        },
    }
}

PERMISSIONS_FILE = BASE_DIR / "config" / "permissions.yml"

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
# RATE_LIMITS below counts every try at these; a second count with other numbers would only confuse.
ACCOUNT_RATE_LIMITS = dict.fromkeys(
    (
        "change_password",
        "login",
        "login_failed",
        "manage_email",
        "reauthenticate",
        "reset_password",
        "reset_password_from_key",
        "signup",
    )
)
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]

# Tries (number, seconds) at routes that can be guessed at; `refunds`: a good try is given back.
# `fields`: the form's field that names the account while nobody is signed in.
RATE_LIMITS = [
    {
        "name": "sign-in",
        "routes": {"account_login"},
        "fields": ("login",),
        "account": (10, 600),
        "address": (60, 600),
        "refunds": True,
    },
    {
        "name": "code",
        "routes": {
            "account_change_password",
            "account_reauthenticate",
            "mfa_activate_totp",
            "mfa_authenticate",
            "mfa_deactivate_totp",
            "mfa_reauthenticate",
        },
        "account": (10, 600),
        "address": (60, 600),
        "refunds": True,
    },
    {
        "name": "reset",
        "routes": {"account_reset_password", "account_reset_password_from_key", "account_signup", "account_email"},
        "fields": ("email",),
        "account": (10, 600),
        "address": (60, 600),
    },
    {
        "name": "invite",
        "routes": {"accounts:invite", "accounts:invitation-resend"},
        "account": (30, 600),
        "address": (60, 600),
    },
    {
        "name": "invitation",
        "routes": {"accounts:invitation-open", "accounts:invitation-accept", "accounts:first-run"},
        # Opening the link is the guess.
        "methods": ("GET", "POST"),
        "fields": ("email",),
        "account": (10, 600),
        "address": (60, 600),
    },
]
BAD_TOKENS_PER_ADDRESS = (60, 600)
# How often one may do what is no secret but costs; core.rates.allow reads it. While Valkey is away nobody is held up.
RATES = {
    "api.address": (60, 60),
    "api.token": (env.int("API_REQUESTS_PER_MINUTE", 1200), 60),
    "api.user": (env.int("API_REQUESTS_PER_MINUTE", 1200), 60),
    # A calendar program asks a few times a day; an address behind which an office sits, oftener.
    "calendar.address": (120, 600),
    "calendar.feed": (60, 3600),
    "order.move": (env.int("MOVES_PER_MINUTE", 60), 60),
    "order.move_list": (env.int("MOVES_PER_MINUTE_AND_LIST", 600), 60),
}
RATES_TIMEOUT_SECONDS = 0.5
# How many proxies of our own stand in front and add to X-Forwarded-For; what lies before them is hearsay.
TRUSTED_PROXIES = ALLAUTH_TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXIES", 0)

# A session ends so long after signing in, and so long after its last use.
SESSION_COOKIE_AGE = 14 * 24 * 3600
SESSION_IDLE_SECONDS = 12 * 3600
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "core.views.csrf_failure"
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
if PRODUCTION:
    SECURE_SSL_REDIRECT = True
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_REDIRECT_EXEMPT = [r"^(healthz|readyz)$"]
    SECURE_HSTS_SECONDS = 365 * 24 * 3600
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True
    SESSION_COOKIE_NAME = "__Host-session"
    CSRF_COOKIE_NAME = "__Host-csrf"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
        "object-src": [NONE],
        "manifest-src": [SELF],
    }
}

LANGUAGE_CODE = "en-gb"
TIME_ZONE = "UTC"
USE_TZ = True
FORMAT_MODULE_PATH = None

STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = VAR_DIR / "static"
MEDIA_ROOT = VAR_DIR / "media"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "core.storage.StaticFilesStorage"},
}
# Only hashed names are ever asked for; the others would be compressed for nothing.
WHITENOISE_KEEP_ONLY_HASHED_FILES = True
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000
ATTACHMENT_MAX_BYTES = 20 * 1024 * 1024
IMPORT_MAX_BYTES = 100 * 1024 * 1024
# With room for the form around the file.
UPLOAD_MAX_BYTES = IMPORT_MAX_BYTES + 1024 * 1024

# Requests write mails to the outbox; the worker hands them to this server, or to files without one.
EMAIL_BACKEND = "core.mail.OutboxEmailBackend"
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", "Underpin <underpin@localhost>")
EMAIL_HOST = env.str("EMAIL_HOST", "")
EMAIL_PORT = env.int("EMAIL_PORT", 25)
EMAIL_HOST_USER = env.str("EMAIL_HOST_USER", "")
EMAIL_HOST_PASSWORD = env.str("EMAIL_HOST_PASSWORD", "")
EMAIL_USE_TLS = env.bool("EMAIL_USE_TLS", False)
EMAIL_TIMEOUT = 10
EMAIL_FILE_PATH = VAR_DIR / "mail"

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "accounts.api.authentication.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["core.rest.RoutePermission"],
    "DEFAULT_RENDERER_CLASSES": ["core.rest.OrjsonRenderer"],
    "DEFAULT_PARSER_CLASSES": ["core.rest.parsers.ShallowJSONParser"],
    "DEFAULT_SCHEMA_CLASS": "core.rest.schema.AutoSchema",
    "DEFAULT_PAGINATION_CLASS": None,
    "DEFAULT_THROTTLE_CLASSES": ["core.rest.RequestThrottle"],
    "DEFAULT_METADATA_CLASS": None,
    "EXCEPTION_HANDLER": "core.rest.problem_handler",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}

METRICS_TOKEN = env.str("METRICS_TOKEN", "")

# The address is personal data, and a proxy's header can be forged: the log has the user's id instead.
DJANGO_STRUCTLOG_IP_LOGGING_ENABLED = False
DJANGO_STRUCTLOG_CELERY_ENABLED = True
# One line a request is enough.
DJANGO_STRUCTLOG_STATUS_START_LOG_LEVEL = logging.DEBUG
LOGGING = logs.configure(
    is_readable=env.bool("LOG_READABLE", not PRODUCTION and sys.stderr.isatty()), level=env.str("LOG_LEVEL", "INFO")
)

SPECTACULAR_SETTINGS = {
    "TITLE": "Underpin",
    "DESCRIPTION": "Backlog management in which technical work is a first-class citizen.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "SERVE_INCLUDE_SCHEMA": False,
    "COMPONENT_SPLIT_PATCH": False,
    "PATH_CONVERTER_OVERRIDES": {"date": {"type": "string", "format": "date"}},
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
    "ENUM_NAME_OVERRIDES": {
        "ItemKind": "backlog.models.Item.Kind",
        "ItemType": "backlog.models.Item.Type",
        "ItemStatus": "backlog.models.Item.Status",
        "DecisionStatus": "backlog.models.Decision.Status",
        "Discipline": "backlog.models.Item.Discipline",
        "InterestUnit": "backlog.models.Item.InterestUnit",
        "LinkKind": "backlog.models.ItemLink.Kind",
        "MoveKind": "backlog.models.Move.Kind",
        "ComponentType": "backlog.models.Component.Type",
        "Power": "backlog.models.Delegation.Power",
        "ImportSource": "backlog.models.ImportRun.Source",
        "ImportStatus": "backlog.models.ImportRun.Status",
        "MembershipRole": "accounts.models.Membership.Role",
        "TeamRole": "accounts.models.TeamMembership.Role",
        "PlaceRole": ["scrum_master", "developer"],
        "SprintStatus": "sprints.models.Sprint.Status",
        "SprintNoteKind": "sprints.models.SprintNote.Kind",
        "CorrectionKind": ["reorder", "ask", "swap", "split", "drop"],
        "ColumnStatus": "sprints.models.BoardColumn.Status",
        "NightState": "nightly.models.Night.State",
        "Via": "core.models.Event.Via",
    },
}

CELERY_BROKER_URL = REDIS_URL.replace("unix://", "redis+socket://")
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 3 * 3600,
    "socket_timeout": REDIS_TIMEOUT_SECONDS,
    "socket_connect_timeout": REDIS_TIMEOUT_SECONDS,
}
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_TIME_LIMIT = 2 * 3600
CELERY_TASK_SOFT_TIME_LIMIT = 2 * 3600 - 60
CELERY_TASK_DEFAULT_QUEUE = "interactive"
# What takes minutes waits in a queue of its own, so that it can be given workers of its own.
CELERY_TASK_ROUTES = {
    "backlog.tasks.apply_import": {"queue": "import"},
    "backlog.tasks.check_orders": {"queue": "nightly"},
    "backlog.tasks.discard_imports": {"queue": "nightly"},
    "nightly.tasks.run_night": {"queue": "nightly"},
    "nightly.tasks.send_digests": {"queue": "nightly"},
}
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = 10
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# The only clock; what is due at a minute, and what was missed, core/jobs.py knows. Who has moved it stands and waits.
CELERY_BEAT_SCHEDULE = {
    "tick": {"task": "core.tasks.tick", "schedule": 1.0 if CLOCK else 60.0, "options": {"expires": 60}}
}
