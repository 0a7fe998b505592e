"""What every environment shares. Values that differ between operators come from environment variables.

Durations are seconds unless the name says otherwise; money is fen.
"""

from pathlib import Path

import environ
from csp.constants import NONE, SELF
from whitenoise.compress import Compressor

from portal.settings.barring import *  # noqa: F403
from portal.settings.care import *  # noqa: F403
from portal.settings.charges import *  # noqa: F403
from portal.settings.customers import *  # noqa: F403
from portal.settings.desk import *  # noqa: F403
from portal.settings.logs import logging_config
from portal.settings.papers import *  # noqa: F403
from portal.settings.partners import *  # noqa: F403
from portal.settings.payments import *  # noqa: F403
from portal.settings.payments import PAYMENT_PAGE_ORIGINS
from portal.settings.points import *  # noqa: F403
from portal.settings.privacy import *  # noqa: F403
from portal.settings.sign_in import *  # noqa: F403
from portal.settings.texts import *  # noqa: F403

env = environ.Env()

BASE_DIR = Path(__file__).resolve().parent.parent.parent
HALL_VAR = Path(env("HALL_VAR", default=str(BASE_DIR / "var"))).resolve()

DEBUG = False
DEMO_MODE = False
# Of the demo's staff; empty means one that the installation makes up.
DEMO_PASSWORD = env("HALL_DEMO_PASSWORD", default="")
ALLOWED_HOSTS: list[str] = []
PUBLIC_URL = env("HALL_PUBLIC_URL", default="http://127.0.0.1:8000")

INSTALLED_APPS = [
    "portal.apps.PortalConfig",
    "channels.apps.ChannelsConfig",
    "partners.apps.PartnersConfig",
    "care.apps.CareConfig",
    "packages_app.apps.PackagesConfig",
    "billing.apps.BillingConfig",
    "accounts.apps.AccountsConfig",
    "messaging.apps.MessagingConfig",
    "kernel.apps.KernelConfig",
    "portal.apps.HallAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_otp",
    "django_otp.plugins.otp_totp",
    "django_htmx",
    "template_partials",
    "django_structlog",
    "csp",
    "oauth2_provider",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
]

MIDDLEWARE = [
    "portal.web.stray_headers.StrayHeadersMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "csp.middleware.CSPMiddleware",
    "django_permissions_policy.PermissionsPolicyMiddleware",
    "django_structlog.middlewares.RequestMiddleware",
    "portal.web.request_id.RequestIdMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_otp.middleware.OTPMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "portal.web.form_only.FormOnlyMiddleware",
    "accounts.web.session_age.SessionAgeMiddleware",
    "accounts.web.signed_in.SignedInLineMiddleware",
    "portal.web.interactions.InteractionMiddleware",
    "partners.api.call_log.CallLogMiddleware",
]

ROOT_URLCONF = "portal.urls"
WSGI_APPLICATION = "portal.wsgi.application"

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
                "portal.web.page_context.hall",
                "accounts.web.page_context.signed_in",
            ],
        },
    }
]

# A connection is kept for a minute: opening one anew costs some 10 ms a request. The time-outs keep one stuck
# transaction from taking the hall with it. Money must never be acknowledged before it is on disk, so
# synchronous_commit is stated here and asserted by a system check.
DATABASE_OPTIONS = {
    "options": "-c lock_timeout=5s -c statement_timeout=60s"
    " -c idle_in_transaction_session_timeout=60s -c synchronous_commit=on",
    "connect_timeout": 5,
}
DATABASES = {"default": env.db("DATABASE_URL", default="postgres:///hall")}
# Header and footer as drawn, by language and looks: in the process, since they are cheaper to draw anew than to fetch.
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"},
    "frames": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "frames", "TIMEOUT": None},
}

DATABASES["default"].update(CONN_MAX_AGE=60, CONN_HEALTH_CHECKS=True)
DATABASES["default"].setdefault("OPTIONS", {}).update(DATABASE_OPTIONS)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = env("REDIS_URL", default="redis://127.0.0.1:6379/0")

AUTH_USER_MODEL = "accounts.StaffUser"
# Only staff are users; customers sign in by line (accounts.web.sign_in).
LOGIN_URL = "admin:login"
LOGIN_REDIRECT_URL = "admin:index"
AUTHENTICATION_BACKENDS = ["django.contrib.auth.backends.ModelBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]

# Chinese first, English complete. Message ids in the code are English; locale/ holds the Chinese.
LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "中文"), ("en", "English")]
LANGUAGE_COOKIE_AGE = 365 * 24 * 3600
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SAMESITE = "Lax"
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
FORMAT_MODULE_PATH = ["portal.formats"]
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = HALL_VAR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
WHITENOISE_KEEP_ONLY_HASHED_FILES = True
WHITENOISE_SKIP_COMPRESS_EXTENSIONS = (*Compressor.SKIP_COMPRESS_EXTENSIONS, "map")

# Sessions live in the database: with Redis gone people stay signed in.
SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_COOKIE_AGE = 30 * 60
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "portal.web.error_pages.csrf_failure"

# Proxies of ours before the web server: so many entries of X-Forwarded-For are believed.
TRUSTED_PROXIES = env.int("HALL_TRUSTED_PROXIES", default=0)

SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF, *PAYMENT_PAGE_ORIGINS],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
    }
}
PERMISSIONS_POLICY: dict[str, list[str]] = {
    name: [] for name in ("camera", "geolocation", "microphone", "payment", "usb", "accelerometer", "gyroscope")
}

CELERY_BROKER_URL = REDIS_URL
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_PUBLISH_RETRY = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TIMEZONE = TIME_ZONE
# A frozen Redis must cost a page half a second at most, and a lost nudge is found by a sweeper.
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "socket_timeout": 0.5,
    "socket_connect_timeout": 0.5,
    "visibility_timeout": 60,
}

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["partners.api.authentication.PartnerAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["kernel.rest.permissions.HasScope"],
    "DEFAULT_RENDERER_CLASSES": ["kernel.rest.renderers.TmfJSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["kernel.rest.parsers.StrictJSONParser"],
    "DEFAULT_SCHEMA_CLASS": "kernel.rest.openapi.ResourceSchema",
    "EXCEPTION_HANDLER": "kernel.rest.errors.tmf_exception_handler",
    "UNAUTHENTICATED_USER": None,
}
# Named so that migrations can point at it.
OAUTH2_PROVIDER_APPLICATION_MODEL = "oauth2_provider.Application"
OAUTH2_PROVIDER = {
    # Partner systems get tokens for client credentials; there is no other grant, whatever an application asks for.
    "OAUTH2_SERVER_CLASS": "oauthlib.oauth2.BackendApplicationServer",
    "OAUTH2_VALIDATOR_CLASS": "partners.api.oauth.PartnerValidator",
    "SCOPES_BACKEND_CLASS": "partners.api.oauth.HouseScopes",
    "ACCESS_TOKEN_EXPIRE_SECONDS": 3600,
    "ALLOWED_REDIRECT_URI_SCHEMES": ["https"],
    # The database keeps a checksum of a token, never the token.
    "COMPLIANT_BCP_RFC9700_TOKEN_STORAGE": True,
    # What the library still allows by default and the field's best practice (RFC 9700) no longer does.
    "COMPLIANT_BCP_RFC9700_ACCESS_TOKEN_TRANSPORT": True,
    "COMPLIANT_BCP_RFC9700_AUTHZ_RESPONSE_ISS": True,
    "COMPLIANT_BCP_RFC9700_IMPLICIT_GRANT": True,
    "COMPLIANT_BCP_RFC9700_PASSWORD_GRANT": True,
    "COMPLIANT_BCP_RFC9700_PKCE_METHOD": True,
    "COMPLIANT_BCP_RFC9700_REFRESH_TOKEN": True,
    "REFRESH_TOKEN_REUSE_PROTECTION": True,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Online Business Hall Open API",
    "DESCRIPTION": "TM Forum Open APIs of the hall. Money is yuan with at most two decimals; timestamps end in Z.",
    "VERSION": "4.0.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SERVE_AUTHENTICATION": [],
    "POSTPROCESSING_HOOKS": [],
}

# Looking up the user for each log line would ask the database even when a page does not; addresses are personal.
DJANGO_STRUCTLOG_USER_ID_FIELD = ""
DJANGO_STRUCTLOG_IP_LOGGING_ENABLED = False
LOGGING = logging_config(level=env("HALL_LOG_LEVEL", default="INFO"))

# --- The operator's own figures. Defaults follow the field; each can be set in the environment. -----------------------

OPERATOR_NAME = env("HALL_OPERATOR_NAME", default="和风通信")
OPERATOR_NAME_EN = env("HALL_OPERATOR_NAME_EN", default="Hefeng Telecom")
SERVICE_NUMBER = env("HALL_SERVICE_NUMBER", default="10086")
FLASH_CALL_NUMBER = env("HALL_FLASH_CALL_NUMBER", default="1008611")

# Login codes: 6 digits, 5 minutes, 5 guesses; sending is limited per number, per address and over all.
SIGN_IN_CODE_LIFETIME = env.int("HALL_SIGN_IN_CODE_LIFETIME", default=300)
SIGN_IN_CODE_GUESSES = env.int("HALL_SIGN_IN_CODE_GUESSES", default=5)
SIGN_IN_FAILURES_BEFORE_LOCK = env.int("HALL_SIGN_IN_FAILURES_BEFORE_LOCK", default=30)
SIGN_IN_LOCK_SECONDS = env.int("HALL_SIGN_IN_LOCK_SECONDS", default=24 * 3600)
# The service password: how long it is at least, wrong tries in a row until it is locked and for how long, tries from
# one address, and how long a reset one waits while its owner can still withdraw it.
SERVICE_PASSWORD_MIN_LENGTH = env.int("HALL_SERVICE_PASSWORD_MIN_LENGTH", default=8)
SERVICE_PASSWORD_TRIES = env.int("HALL_SERVICE_PASSWORD_TRIES", default=5)
SERVICE_PASSWORD_LOCK_SECONDS = env.int("HALL_SERVICE_PASSWORD_LOCK_SECONDS", default=24 * 3600)
SERVICE_PASSWORD_TRIES_PER_ADDRESS_HOUR = env.int("HALL_SERVICE_PASSWORD_TRIES_PER_ADDRESS_HOUR", default=60)
# How long a code or a service password opens what asks for it once more.
STEP_UP_SECONDS = env.int("HALL_STEP_UP_SECONDS", default=600)
SERVICE_PASSWORD_RESET_SECONDS = env.int("HALL_SERVICE_PASSWORD_RESET_SECONDS", default=24 * 3600)
# Staff: whether a code of an authenticator app is asked for besides the password, wrong tries of either in a row and
# how long they lock, how long after its password a session may still show the code, and how long is kept what staff
# looked at and did.
STAFF_SECOND_FACTOR = True
STAFF_SECOND_FACTOR_WITHIN = env.int("HALL_STAFF_SECOND_FACTOR_WITHIN", default=15 * 60)
STAFF_TRACE_KEEP_DAYS = env.int("HALL_STAFF_TRACE_KEEP_DAYS", default=3 * 365)
OTP_TOTP_ISSUER = OPERATOR_NAME_EN
STAFF_SIGN_IN_TRIES = env.int("HALL_STAFF_SIGN_IN_TRIES", default=5)
STAFF_SIGN_IN_LOCK_SECONDS = env.int("HALL_STAFF_SIGN_IN_LOCK_SECONDS", default=15 * 60)
# However busy it is, a sign-in ends after this; an idle one ends with its session (SESSION_COOKIE_AGE).
SIGN_IN_LIFETIME = env.int("HALL_SIGN_IN_LIFETIME", default=12 * 3600)
# How long is kept where a line was signed in: a device that was not seen for this long is a new one.
SIGN_IN_KEEP_DAYS = env.int("HALL_SIGN_IN_KEEP_DAYS", default=90)
SIGN_IN_CODE_RESEND_AFTER = env.int("HALL_SIGN_IN_CODE_RESEND_AFTER", default=60)
SIGN_IN_CODES_PER_HOUR = env.int("HALL_SIGN_IN_CODES_PER_HOUR", default=5)
SIGN_IN_CODES_PER_DAY = env.int("HALL_SIGN_IN_CODES_PER_DAY", default=10)
SIGN_IN_CODES_PER_ADDRESS_HOUR = env.int("HALL_SIGN_IN_CODES_PER_ADDRESS_HOUR", default=20)
SIGN_IN_CODES_PER_RANGE_HOUR = env.int("HALL_SIGN_IN_CODES_PER_RANGE_HOUR", default=500)
SIGN_IN_CODES_PER_HOUR_OVERALL = env.int("HALL_SIGN_IN_CODES_PER_HOUR_OVERALL", default=100_000)

# How long the answer to a partner's request is kept under its Idempotency-Key; they are promised 30 days.
IDEMPOTENCY_KEEP_DAYS = max(30, env.int("HALL_IDEMPOTENCY_KEEP_DAYS", default=90))
# How long the virtual handset remembers texts.
STUB_TEXT_KEEP_DAYS = env.int("HALL_STUB_TEXT_KEEP_DAYS", default=90)

# Second confirmation: how long an order waits for its yes, and which words mean yes.
ORDER_CONFIRMATION_SMS_LIFETIME = env.int("HALL_ORDER_CONFIRMATION_SMS_LIFETIME", default=24 * 3600)
ORDER_CONFIRMATION_WEB_LIFETIME = env.int("HALL_ORDER_CONFIRMATION_WEB_LIFETIME", default=2 * 3600)
ORDER_CODE_GUESSES = env.int("HALL_ORDER_CODE_GUESSES", default=5)
# Each costs a text and gives whoever guesses at its code new tries.
ORDERS_PER_LINE_DAY = env.int("HALL_ORDERS_PER_LINE_DAY", default=20)
ORDER_TEXTS = env.int("HALL_ORDER_TEXTS", default=3)
ORDER_TEXT_RESEND_AFTER = env.int("HALL_ORDER_TEXT_RESEND_AFTER", default=60)
# The first of each is what texts ask for, in their language; a reply with any of them counts.
CONFIRMATION_WORDS = env.list("HALL_CONFIRMATION_WORDS", default=["是"])
CONFIRMATION_WORDS_EN = env.list("HALL_CONFIRMATION_WORDS_EN", default=["YES"])
CANCEL_LIST_LIFETIME = env.int("HALL_CANCEL_LIST_LIFETIME", default=2 * 3600)
FLASH_CALL_QUIET_SECONDS = env.int("HALL_FLASH_CALL_QUIET_SECONDS", default=60)

STATEMENT_EXPORT_MONTHS = env.int("HALL_STATEMENT_EXPORT_MONTHS", default=12)

# Recharge cards: issuer:digits of the serial number:digits of the PIN. The key is for the hashes of the PINs: with
# another key no card that was issued before is found again.
VOUCHER_ISSUERS = env.list("HALL_VOUCHER_ISSUERS", default=["hefeng:17:18"])
VOUCHER_KEY = env("HALL_VOUCHER_KEY", default="")
VOUCHER_WRONG_TRIES = env.int("HALL_VOUCHER_WRONG_TRIES", default=5)
VOUCHER_LOCK_SECONDS = env.int("HALL_VOUCHER_LOCK_SECONDS", default=24 * 3600)


# What one usage record can be; the rest is rejected. Numbers rest longer than USAGE_OLDEST_DAYS before they are given
# out again, so that a late record never reaches the next holder.
USAGE_OLDEST_DAYS = env.int("HALL_USAGE_OLDEST_DAYS", default=40)
NUMBER_REST_DAYS = max(USAGE_OLDEST_DAYS + 1, env.int("HALL_NUMBER_REST_DAYS", default=90))
USAGE_CLOCK_SKEW_SECONDS = env.int("HALL_USAGE_CLOCK_SKEW_SECONDS", default=300)
USAGE_MOST_DATA_BYTES = env.int("HALL_USAGE_MOST_DATA_BYTES", default=1024**4)
USAGE_MOST_VOICE_SECONDS = env.int("HALL_USAGE_MOST_VOICE_SECONDS", default=24 * 3600)
USAGE_MOST_SMS = env.int("HALL_USAGE_MOST_SMS", default=1000)
DATA_REMINDER_THRESHOLDS_PERCENT = env.list("HALL_DATA_REMINDER_THRESHOLDS_PERCENT", cast=int, default=[80, 100])
DATA_END_NOTICE_DAYS = env.int("HALL_DATA_END_NOTICE_DAYS", default=3)
CONTRACT_END_NOTICE_DAYS = env.int("HALL_CONTRACT_END_NOTICE_DAYS", default=30)
# What use beyond a plan may cost in a month, where the plan names no cap of its own.
USAGE_CAP_FEN = env.int("HALL_USAGE_CAP_FEN", default=500_00)
# How long detail records can be seen, the running month included, in months.
DETAIL_RECORD_MONTHS = env.int("HALL_DETAIL_RECORD_MONTHS", default=7)
# How far below zero the highest star of a star table may let a wallet go.
STAR_OVERDRAFT_MAXIMUM_FEN = env.int("HALL_STAR_OVERDRAFT_MAXIMUM_FEN", default=1_000_00)
# From which star customers are left on during public holidays; each holiday window may say another.
HOLIDAY_MINIMUM_STAR = env.int("HALL_HOLIDAY_MINIMUM_STAR", default=3)
BILL_HISTORY_MONTHS = env.int("HALL_BILL_HISTORY_MONTHS", default=6)
