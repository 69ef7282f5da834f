from celery import shared_task

from apps.risk import watching


@shared_task(name="risk.watch")
def watch() -> None:
    watching.watch()
