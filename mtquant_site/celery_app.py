"""The worker's and beat's entry: tasks are found in each app's `tasks` room."""

import os
from pathlib import Path
from typing import Any

from celery import Celery
from celery.signals import worker_ready

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mtquant_site.settings.local")

app = Celery("mtquant")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@worker_ready.connect
def tell_supervisor(**_: Any) -> None:
    """Touch the file that the supervisor's probe waits for."""
    ready = Path(os.environ.get("MTQ_READY_FILE") or Path(os.environ["MTQ_VAR"]) / "run" / "worker.ready")
    ready.parent.mkdir(parents=True, exist_ok=True)
    ready.touch()
