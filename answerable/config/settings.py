"""Django's settings. Everything an operator may change comes from the environment (env.py) or from support.toml."""

import os
from pathlib import Path

from answerable.config import env

PACKAGE = Path(__file__).resolve().parent.parent
DATA = env.data_folder()

# Rooms with models, templates or static files, highest first (DESIGN.md §3).
ROOMS = [
    "ops",
    "desk",
    "portal",
    "widget",
    "policy",
    "casework",
    "sla",
    "tickets",
    "knowledge",
    "escalation",
    "notify",
    "people",
    "mail",
    "live",
    "audit",
    "ui",
]

SECRET_KEY = env.secret_key(DATA)
DEBUG = False
# PostgreSQL in the data folder, run by ops.postgres, unless the operator names a server.
EMBEDDED = not os.environ.get("DATABASE_URL", "").strip()
DATABASES = {"default": env.database(DATA)}
MAIL_RELAY = env.mail_relay()
DKIM = env.signing_key()
CLAMD = env.clamd()
PUSH_SERVICES = env.push_services()
OUTBOX = DATA / "outbox"
FILES = DATA / "files"
WEB_HOST = env.host("ANSWERABLE_HOST", "127.0.0.1")
WEB_WORKERS = env.count("ANSWERABLE_WEB_WORKERS", default=2, most=64)
WORKERS = env.count("ANSWERABLE_WORKERS", default=2, most=32)
WORKER_CONCURRENCY = env.count("ANSWERABLE_WORKER_CONCURRENCY", default=2, most=32)
WEB_PORT = env.port("ANSWERABLE_PORT", 8000)
SMTP_HOST = env.host("ANSWERABLE_SMTP_HOST", "127.0.0.1")
SMTP_PORT = env.port("ANSWERABLE_SMTP_PORT", 2525)
SMTP_RELAYS = env.relays()
SMTP_CONNECTIONS = env.count("ANSWERABLE_SMTP_CONNECTIONS", default=20, most=200)
SMTP_MESSAGES = env.count("ANSWERABLE_SMTP_MESSAGES", default=200, most=1_000_000)
SMTP_CERTIFICATE = env.smtp_certificate()
BENCH = os.environ.get("ANSWERABLE_BENCH") == "1"

# Pages are addressed by whatever name the proxy or browser used; links in mail use the policy's portal address,
# never the Host header, so a forged Host reaches nothing but its own sender's page.
ALLOWED_HOSTS = ["*"]
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_htmx",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "allauth.socialaccount.providers.saml",
    "allauth.usersessions",
    "procrastinate.contrib.django",
    *[f"answerable.{room}" for room in ROOMS],
]
TRUSTED_PROXIES = env.proxies()
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
MIDDLEWARE = [
    "answerable.config.proxies.trusted_proxies",
    "answerable.ui.middleware.security_headers",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "answerable.people.middleware.time_zone",
    "answerable.portal.middleware.second_step",
    "answerable.ui.middleware.refusals",
]
if BENCH:
    MIDDLEWARE.insert(0, "answerable.ops.middleware.count_queries")
ROOT_URLCONF = "answerable.config.urls"
WSGI_APPLICATION = "answerable.config.wsgi.application"

_CONTEXT = [
    "django.template.context_processors.request",
    "django.contrib.auth.context_processors.auth",
    "django.contrib.messages.context_processors.messages",
    "answerable.people.context.the_vendor",
]
TEMPLATES = [
    {
        # A template in one of our rooms is Jinja2; Django's own engine serves what libraries bring.
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "DIRS": [PACKAGE / room / "templates" for room in ROOMS],
        "APP_DIRS": False,
        "OPTIONS": {
            "environment": "answerable.ui.jinja.environment",
            "context_processors": [*_CONTEXT, "answerable.ui.context.one_token"],
        },
    },
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {"context_processors": _CONTEXT},
    },
]

AUTH_USER_MODEL = "people.Person"
AUTHENTICATION_BACKENDS = ["answerable.people.backend.Backend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "answerable.people.passwords.Guessable"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "answerable.portal.adapter.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
# Nobody gets in without a proven address: portal.adapter sees to it at each log-in, by Person.email_verified_at, which
# stays the one place where that is written (docs/decisions/0023).
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_FORMS = {
    "reset_password": "answerable.portal.forms.AskLinkForm",
    "reset_password_from_key": "answerable.portal.forms.ChoosePasswordForm",
    "user_token": "answerable.portal.forms.LinkForm",
}
ACCOUNT_PASSWORD_RESET_TOKEN_GENERATOR = "answerable.people.passwords.ResetTokens"  # noqa: S105  it is the path of a class
ACCOUNT_LOGIN_ON_PASSWORD_RESET = True
# Mails to an address that may not want them: five, then a pause.
ACCOUNT_RATE_LIMITS = {"signup": "20/m/ip,5/900s/key", "reset_password": "20/m/ip,5/900s/key"}
MFA_ADAPTER = "answerable.portal.adapter.SecondStepAdapter"
MFA_FORMS = {
    "authenticate": "answerable.portal.second_step_forms.CodeForm",
    "reauthenticate": "answerable.portal.second_step_forms.CodeAgainForm",
    "login_webauthn": "answerable.portal.second_step_forms.PasskeyAloneForm",
}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
# allauth means its own EmailAddress rows, which decide nothing here: one that a reset asked by anybody has left must
# keep nobody from setting up a second step.
MFA_ALLOW_UNVERIFIED_EMAIL = True
# A phone's clock may be half a minute off.
MFA_TOTP_TOLERANCE = 1
SOCIALACCOUNT_ADAPTER = "answerable.portal.social.SocialAdapter"
# A link starts it: the content policy lets no form lead to another site. What others' pages can do with such a link is
# begin a log-in as the very person who sits there.
SOCIALACCOUNT_LOGIN_ON_GET = True
PASSWORD_RESET_TIMEOUT = 24 * 3600
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_LOGOUT_REDIRECT_URL = "/"
ACCOUNT_SESSION_REMEMBER = True
SESSION_ENGINE = "answerable.people.sessions"
SESSION_COOKIE_AGE = 14 * 24 * 3600
SESSION_COOKIE_SAMESITE = "Lax"
# A proxy that is trusted brings TLS (docs/guide/operators.md): then no cookie ever travels without it.
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = bool(TRUSTED_PROXIES)
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True

CACHES = {
    "default": {
        # Rate limits and lock-outs are rows that every process sees and a restart keeps (DESIGN.md §6).
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "cache",
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    }
}

USE_TZ = True
TIME_ZONE = "UTC"
# Every word goes through gettext; while there is no catalogue but English, looking each one up costs a tenth of a page.
USE_I18N = False
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English")]

STATIC_URL = "/static/"
STATIC_ROOT = DATA / "static"
STATICFILES_FINDERS = ["answerable.ui.storage.StaticFinder"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": FILES}},
    "staticfiles": {"BACKEND": "answerable.ui.storage.StaticFiles"},
}

DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 500
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
MAX_REQUEST_BYTES = 60 * 1024 * 1024

PROCRASTINATE_AUTODISCOVER_MODULE_NAME = "later"
PROCRASTINATE_IMPORT_PATHS = [
    "answerable.casework.article_jobs",
    "answerable.casework.coverage_jobs",
    "answerable.casework.jobs",
    "answerable.casework.outside_jobs",
    "answerable.casework.paging_jobs",
    "answerable.casework.drill_jobs",
    "answerable.escalation.schedule_jobs",
    "answerable.knowledge.asking_jobs",
    "answerable.knowledge.jobs",
    "answerable.ops.jobs",
    "answerable.widget.jobs",
]

X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": "INFO"},
    "loggers": {
        "django.request": {"level": "ERROR"},
        "procrastinate": {"level": "WARNING"},
        "mail.log": {"level": "WARNING"},
    },
}
