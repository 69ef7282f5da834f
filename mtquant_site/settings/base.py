"""Facts of a deployment. What staff may change while the desk runs is a row, not a setting."""

from pathlib import Path

from mtquant_site.settings import env
from mtquant_site.settings.rest import REST_FRAMEWORK, SPECTACULAR_SETTINGS  # noqa: F401
from mtquant_site.settings.theme import UNFOLD  # noqa: F401

BASE_DIR = Path(__file__).resolve().parents[2]
MTQ_VAR = env.folder("MTQ_VAR", BASE_DIR / "var")

SECRET_KEY = env.text("MTQ_SECRET_KEY")
DEBUG = False
ALLOWED_HOSTS = env.text("MTQ_ALLOWED_HOSTS", "127.0.0.1,localhost,[::1],testserver").split(",")

# What this desk is
MTQ_WORLD = env.text("MTQ_WORLD", "sim")
MTQ_RUN = env.text("MTQ_RUN", "run-0")
MTQ_DEPLOYMENT = env.text("MTQ_DEPLOYMENT", MTQ_RUN)
MTQ_BASE_CURRENCY = env.text("MTQ_BASE_CURRENCY", "USD")
MTQ_SPEED = env.number("MTQ_SPEED", "1")
MTQ_QUOTE_STALE_AFTER_S = env.number("MTQ_QUOTE_STALE_AFTER_S", "15")
# What the database may take beyond waiting for locks, before a permit gives its connection up.
MTQ_ANSWER_WITHIN_S = env.number("MTQ_ANSWER_WITHIN_S", "0.15")
# Nobody enters for these seconds after a price moved by more than this share of itself at once, nor at a
# spread of more than so many times the usual one. Daily maintenance is in New York's time: "16:58-17:06".
MTQ_QUOTE_JUMP_BAND = env.number("MTQ_QUOTE_JUMP_BAND", "0.01")
MTQ_QUOTE_SETTLES_S = env.number("MTQ_QUOTE_SETTLES_S", "3")
MTQ_QUOTE_SPREAD_TIMES = env.number("MTQ_QUOTE_SPREAD_TIMES", "10")
MTQ_MAINTENANCE = env.text("MTQ_MAINTENANCE", "")
MTQ_CLOCK_FILE = env.folder("MTQ_CLOCK_FILE", MTQ_VAR / "venue" / "clock.json")
MTQ_GATE_DIR = env.folder("MTQ_GATE_DIR", MTQ_VAR / "gate")
MTQ_REPLAY_DIR = env.folder("MTQ_REPLAY_DIR", MTQ_VAR / "replay")
MTQ_AUDIT_FILE = env.folder("MTQ_AUDIT_FILE", MTQ_VAR / "audit" / "heads.jsonl")
MTQ_USERS_FILE = env.folder("MTQ_USERS_FILE", MTQ_VAR / "users.json")

# The simulated venue
MTQ_VENUE_URL = env.text("MTQ_VENUE_URL", "")
MTQ_VENUE_CONTROL = env.text("MTQ_VENUE_CONTROL", "")
MTQ_VENUE_TOKEN_FILE = env.folder("MTQ_VENUE_TOKEN_FILE", MTQ_VAR / "venue" / "control.token")
MTQ_VENUE_LOG = env.folder("MTQ_VENUE_LOG", MTQ_VAR / "venue" / "log.jsonl")

# Stores
REDIS_URL = env.text("REDIS_URL")
QUESTDB_CONF = env.text("QUESTDB_CONF", "")
QUESTDB_PG = env.text("QUESTDB_PG", "")
DATABASES = {"default": env.postgres("DATABASE_URL")}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CACHES = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}}

INSTALLED_APPS = [
    "unfold.apps.BasicAppConfig",
    "unfold.contrib.filters",
    "unfold.contrib.forms",
    "mtquant_site.apps.DeskAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "guardian",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "channels",
    "apps.marketdata",
    "apps.portfolio",
    "apps.risk",
    "apps.brokers",
    "apps.agents",
    "apps.edges",
    "mtquant_site",
]
MIDDLEWARE = [
    "apps.edges.tracing.request_ids",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
ROOT_URLCONF = "mtquant_site.urls"
ASGI_APPLICATION = "mtquant_site.asgi.application"
WSGI_APPLICATION = "mtquant_site.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "mtquant_site" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]
CHANNEL_LAYERS = {
    "default": {
        "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
        "CONFIG": {"hosts": [REDIS_URL]},
    },
}

AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "guardian.backends.ObjectPermissionBackend",
]
ANONYMOUS_USER_NAME = None  # nobody who is not signed in holds any right on any object
GUARDIAN_MONKEY_PATCH_USER = False
GUARDIAN_MONKEY_PATCH_GROUP = False
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "admin:login"
LOGIN_REDIRECT_URL = "admin:index"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
# Several desks on one machine share the host 127.0.0.1, and cookies do not know ports.
SESSION_COOKIE_NAME = f"mtq-session-{MTQ_RUN}"
CSRF_COOKIE_NAME = f"mtq-csrf-{MTQ_RUN}"

LANGUAGE_CODE = "en-gb"
TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = False
FORMAT_MODULE_PATH = ["mtquant_site.formats"]
# Policies and tear sheets, each under the hash of its content. No URL serves them as files.
MEDIA_ROOT = MTQ_VAR / "policies"
STATIC_URL = "static/"
STATIC_ROOT = MTQ_VAR / "static"
MTQ_APP_DIR = env.folder("MTQ_APP_DIR", STATIC_ROOT / "app")  # the built web app
# Names carry no hash, so a browser asks again after a minute: an update shows without a trick.
WHITENOISE_MAX_AGE = 60
# Those of the web app carry it: a browser never asks for them again.
WHITENOISE_IMMUTABLE_FILE_TEST = r"^/static/app/assets/"

CELERY_BROKER_URL = REDIS_URL
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = False
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 3600}
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = "UTC"
# A training takes minutes: it has a queue and a worker of its own, which the others never read.
CELERY_TASK_ROUTES = {"agents.train": {"queue": "training"}}
CELERY_BEAT_SCHEDULER = "mtquant_site.beat:PatientScheduler"
# Each entry: a task's name, how often in seconds. A beat that finds a queue behind it expires unread; in a
# queue of its own one message waits, however long, and no more.
CELERY_BEAT_SCHEDULE: dict[str, dict[str, object]] = {
    name: {
        "task": name,
        "schedule": every_s,
        "options": CELERY_TASK_ROUTES.get(name) or {"expires": max(1.0, every_s * 4)},
    }
    for name, every_s in (
        ("marketdata.ingest", 1.0),
        ("agents.tick", 0.25),
        ("agents.train", 2.0),
        ("risk.watch", 5.0),
        ("risk.measure", 2.0),
        ("risk.rebase", 5.0),
        ("risk.estimate", 5.0),
        ("risk.approvals", 5.0),
        ("portfolio.snapshot", 10.0),
        ("portfolio.anchor", 3600.0),
    )
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"request": {"()": "apps.edges.tracing.NameRequest"}},
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s%(request_tag)s %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["request"]}},
    "root": {"handlers": ["stderr"], "level": "INFO"},
    "loggers": {
        "httpx2": {"level": "WARNING"},
        "mcp": {"level": "WARNING"},
        "celery.worker.strategy": {"level": "WARNING"},
        "celery.worker.request": {"level": "WARNING"},
        "celery.app.trace": {"level": "WARNING"},
        "celery.beat": {"level": "WARNING"},
    },
}
