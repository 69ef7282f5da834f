from celery import shared_task

from apps.risk import snapshots, watching


@shared_task(name="risk.watch")
def watch() -> None:
    watching.watch()


@shared_task(name="risk.measure")
def measure() -> None:
    snapshots.measure()


@shared_task(name="risk.estimate")
def estimate() -> None:
    snapshots.estimate()
