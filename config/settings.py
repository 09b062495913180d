"""Settings, one file, read from the environment.

``PORTAL_MODE=embedded`` (the default) needs nothing beside Python: SQLite, eager Celery ticks, mail
written to files. ``PORTAL_MODE=production`` refuses to start until everything it needs is given.
"""

import secrets
from pathlib import Path

import environ
from celery.schedules import crontab
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

env = environ.Env()

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = Path(env("VAR_DIR", default=str(BASE_DIR / "var")))
VAR_DIR.mkdir(parents=True, exist_ok=True)

VERSION = "0.1.0"
PORTAL_MODE = env("PORTAL_MODE", default="embedded")
if PORTAL_MODE not in {"embedded", "production"}:
    raise ImproperlyConfigured(f"PORTAL_MODE must be 'embedded' or 'production', not {PORTAL_MODE!r}.")
PRODUCTION = PORTAL_MODE == "production"
DEBUG = env.bool("DEBUG", default=False) and not PRODUCTION


def _embedded_secret_key() -> str:
    """A key of this installation's own, made at the first start and kept in VAR_DIR."""
    path = VAR_DIR / "secret_key"
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(50))
    return path.read_text().strip()


if PRODUCTION:
    _missing = [
        name
        for name in ("SECRET_KEY", "ALLOWED_HOSTS", "SITE_URL", "DATABASE_URL")
        if not env(name, default="")
    ]
    if _missing:
        raise ImproperlyConfigured(
            f"PORTAL_MODE=production needs these in the environment: {', '.join(_missing)}."
        )
    if not env("SITE_URL").startswith("https://"):
        raise ImproperlyConfigured("PORTAL_MODE=production needs a SITE_URL that starts with https://.")
    SECRET_KEY = env("SECRET_KEY")
else:
    SECRET_KEY = env("SECRET_KEY", default="") or _embedded_secret_key()

PORT = env("PORT", default="8000")
SITE_URL = env("SITE_URL", default=f"http://127.0.0.1:{PORT}").rstrip("/")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "[::1]"])
CSRF_TRUSTED_ORIGINS = [SITE_URL] if PRODUCTION else []

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "csp",
    "django_filters",
    "django_htmx",
    "rest_framework",
    "core",
    "districts",
    "accounts",
    "notifications",
    "imports",
    "enterprises",
    "policies",
    "liaisons",
    "appeals",
    "campaigns",
    "reports",
    "portal",
    "demo",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "accounts.outside.OutsideAccounts",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "portal.middleware.DistrictMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            "loaders": [
                (
                    "core.wording.Loader",
                    [
                        "django.template.loaders.filesystem.Loader",
                        "django.template.loaders.app_directories.Loader",
                    ],
                ),
            ],
            "builtins": ["core.templatetags.ui"],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "portal.context_processors.portal",
            ],
        },
    },
]

# --- Data -----------------------------------------------------------------------------------------

DATABASES = {"default": env.db("DATABASE_URL", default=f"sqlite:///{VAR_DIR / 'db.sqlite3'}")}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # Writers queue instead of failing: a transaction takes the write lock at its start.
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 30,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
    }
else:
    DATABASES["default"]["CONN_MAX_AGE"] = env.int("CONN_MAX_AGE", default=60)
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = env("REDIS_URL", default="")
CACHES = {
    "default": (
        {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}
        if REDIS_URL
        # Without Redis the portal runs as one web process with threads, which share this cache.
        else {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
    )
}
# django-ratelimit wants a cache that all web processes share: that is Redis in production, and the
# one process of the embedded default.
SILENCED_SYSTEM_CHECKS = ["django_ratelimit.E003", "django_ratelimit.W001"]

MEDIA_ROOT = Path(env("MEDIA_ROOT", default=str(VAR_DIR / "media")))
# Attachments are served by a view that checks who asks; there is no public media URL.
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = 4 * 1024 * 1024
ATTACHMENTS_MAX_BYTES = 20 * 1024 * 1024
ATTACHMENTS_MAX_FILES = 9

STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": env(
            "STATICFILES_BACKEND", default="whitenoise.storage.CompressedManifestStaticFilesStorage"
        )
    },
}

# --- People ---------------------------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "accounts.backends.AccountBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "portal:workbench"
LOGOUT_REDIRECT_URL = "portal:home"
# Where accounts of a third party work, and are led when they sign in; the rest is closed to them.
OUTSIDE_HOME = "campaigns:survey_desk"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_ADAPTER = "accounts.adapters.OfficialsOnlyAdapter"
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_RATE_LIMITS = {"login": "60/m/ip", "login_failed": "20/m/ip,5/10m/key"}
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]

SESSION_COOKIE_AGE = env.int("SESSION_IDLE_SECONDS", default=2 * 60 * 60)
SESSION_SAVE_EVERY_REQUEST = True
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "portal.views.errors.csrf_failure"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
if PRODUCTION:
    SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", default=True)
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_HSTS_SECONDS = env.int("SECURE_HSTS_SECONDS", default=31536000)
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_SECURE = True
    SECURE_REDIRECT_EXEMPT = [r"^healthz$"]

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}
# How many proxies stand before us and append to X-Forwarded-For (nginx in docker-compose.yml: 1).
TRUSTED_PROXIES = env.int("TRUSTED_PROXIES", default=1 if PRODUCTION else 0)

# --- Words and times ------------------------------------------------------------------------------

LANGUAGE_CODE = "zh-hans"
TIME_ZONE = "Asia/Shanghai"
USE_I18N = True
USE_TZ = True

# --- Mail and notices -----------------------------------------------------------------------------

vars().update(env.email("EMAIL_URL", default=f"filemail:////{VAR_DIR / 'mail'}"))
DEFAULT_FROM_EMAIL = env("DEFAULT_FROM_EMAIL", default="亲清通 <noreply@localhost>")
# Seconds. Without a limit a mail server that does not answer would hold up every notice behind it.
EMAIL_TIMEOUT = env.int("EMAIL_TIMEOUT", default=20)
# An office without an outside line says NOTICE_CHANNELS=inbox; the inbox is there in any case.
NOTICE_CHANNELS = env.list("NOTICE_CHANNELS", default=["inbox", "email", "robot", "sms"])
if _unheard_of := set(NOTICE_CHANNELS) - {"inbox", "email", "robot", "sms"}:
    raise ImproperlyConfigured(
        f"NOTICE_CHANNELS knows inbox, email, robot and sms, not {', '.join(sorted(_unheard_of))}."
    )
# Where the makers of group robots listen; another host only for a proxy of the government's own network.
ROBOT_HOSTS = {
    "wecom": env("WECOM_ROBOT_HOST", default="https://qyapi.weixin.qq.com").rstrip("/"),
    "dingtalk": env("DINGTALK_ROBOT_HOST", default="https://oapi.dingtalk.com").rstrip("/"),
    "feishu": env("FEISHU_ROBOT_HOST", default="https://open.feishu.cn").rstrip("/"),
}
ROBOT_PER_MINUTE = env.int("ROBOT_PER_MINUTE", default=20)
# The SMS gateway, any with an HTTP interface. Address and body may carry {phone}, {text}, {title},
# {template} and {sign}; SMS_SUCCESS is a regular expression found in the answer of a message taken.
SMS_URL = env("SMS_URL", default="")
SMS_METHOD = env("SMS_METHOD", default="") or "POST"
SMS_HEADERS = (
    env.json("SMS_HEADERS") if env("SMS_HEADERS", default="") else {"Content-Type": "application/json"}
)
SMS_BODY = (
    env("SMS_BODY", default="") or '{"phone": "{phone}", "template": "{template}", "content": "{text}"}'
)
SMS_SUCCESS = env("SMS_SUCCESS", default="")
SMS_SIGN = env("SMS_SIGN", default="")
if PRODUCTION and SMS_URL and not SMS_URL.startswith("https://"):
    raise ImproperlyConfigured("PORTAL_MODE=production needs an SMS_URL that starts with https://.")

# --- Celery: ticks --------------------------------------------------------------------------------

CELERY_BROKER_URL = REDIS_URL or "memory://"
CELERY_TASK_IGNORE_RESULT = True
# Without a broker `celery beat` runs each tick itself, one after the other.
CELERY_TASK_ALWAYS_EAGER = not REDIS_URL
CELERY_TIMEZONE = TIME_ZONE
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BEAT_SCHEDULE_FILENAME = str(VAR_DIR / "celerybeat-schedule")
CELERY_BEAT_SCHEDULE = {
    "heartbeat": {"task": "core.tasks.heartbeat", "schedule": 30},
    "remind": {"task": "appeals.tasks.remind", "schedule": 60},
    "apply-defaults": {"task": "appeals.tasks.apply_defaults", "schedule": 60},
    "cluster-appeals": {"task": "appeals.tasks.cluster_appeals", "schedule": crontab(minute=40, hour=2)},
    "remind-of-improvements": {
        "task": "appeals.tasks.remind_of_improvements",
        "schedule": crontab(minute=10, hour="8-17"),
    },
    "recount-deadlines": {"task": "appeals.tasks.recount", "schedule": 300},
    "deliver": {"task": "notifications.tasks.deliver", "schedule": 15},
    "import-sheets": {"task": "imports.tasks.work", "schedule": 5},
    "bring-in-sheets": {"task": "portal.tasks.bring_in_sheets", "schedule": 10},
    "make-exports": {"task": "reports.tasks.make_exports", "schedule": 5},
    "publish-figures": {"task": "reports.tasks.publish_figures", "schedule": crontab(minute=20, hour=4)},
    "forget-exports": {"task": "reports.tasks.forget_exports", "schedule": crontab(minute=50, hour=3)},
    "open-weeks": {"task": "reports.tasks.open_weeks", "schedule": 300},
    "draft-bulletins": {"task": "reports.tasks.draft_bulletins", "schedule": crontab(minute=50, hour="7-18")},
    "remind-of-visits": {
        "task": "liaisons.tasks.remind_of_visits",
        "schedule": crontab(minute=40, hour="8-17"),
    },
    "remind-of-grades": {
        "task": "enterprises.tasks.remind_of_grades",
        "schedule": crontab(minute=20, hour="8-17"),
    },
    "remind-of-events": {"task": "liaisons.tasks.remind_of_events", "schedule": 300},
    "remind-of-progress": {
        "task": "campaigns.tasks.remind_of_progress",
        "schedule": crontab(minute=35, hour="8-17"),
    },
    "remind-of-needs": {
        "task": "campaigns.tasks.remind_of_needs",
        "schedule": crontab(minute=25, hour="8-17"),
    },
    "age-needs": {"task": "campaigns.tasks.age_needs", "schedule": crontab(minute=10, hour=2)},
    "keep-satisfaction": {"task": "campaigns.tasks.keep_satisfaction", "schedule": 300},
    "watch-commitments": {
        "task": "campaigns.tasks.watch_commitments",
        "schedule": crontab(minute=10, hour="8-17"),
    },
    "remind-of-rotas": {
        "task": "campaigns.tasks.remind_of_rotas",
        "schedule": crontab(minute=25, hour="8-17"),
    },
    "expire-idempotency": {"task": "core.tasks.forget_tokens", "schedule": crontab(minute=30, hour=3)},
}

# --- API ------------------------------------------------------------------------------------------

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["rest_framework.authentication.SessionAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    # These write down whole addresses and messages, with the keys of robots and gateways and with phones.
    "loggers": {"urllib3": {"level": "WARNING"}, "apprise": {"level": "ERROR"}},
    "root": {"handlers": ["console"], "level": env("LOG_LEVEL", default="INFO")},
}
