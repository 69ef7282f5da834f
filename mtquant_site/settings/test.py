"""Tests: the same parts on servers of their own, cheaper passwords, no pool to hold a database open."""

import os

# The static checks read these settings without any server; nothing connects at these addresses.
os.environ.setdefault("MTQ_SECRET_KEY", "only-for-tests-and-static-checks")
os.environ.setdefault("DATABASE_URL", "postgres://mtquant:none@127.0.0.1:1/mtquant")
os.environ.setdefault("REDIS_URL", "redis://127.0.0.1:1/0")
os.environ.setdefault("QUESTDB_CONF", "http::addr=127.0.0.1:1;")

from mtquant_site.settings.base import *  # noqa: F403
from mtquant_site.settings.base import DATABASES

DATABASES["default"]["OPTIONS"] = {"options": "-c client_connection_check_interval=500ms"}
# A machine that runs tests beside other work may be slow: who tests the deadline sets it.
MTQ_ANSWER_WITHIN_S = 30.0
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
# Static files come from where they lie: nothing is collected for a test.
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = True
# A live server of the tests looks for static files with finders only: they must find the built web app too.
if "MTQ_APP_DIR" in os.environ:
    STATICFILES_DIRS = [("app", os.environ["MTQ_APP_DIR"])]
