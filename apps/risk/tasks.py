from celery import shared_task

from apps.portfolio import ledger
from apps.risk import changes, margins, snapshots, watching


@shared_task(name="risk.watch")
def watch() -> None:
    watching.watch()


@shared_task(name="risk.measure")
def measure() -> None:
    snapshots.measure()


@shared_task(name="risk.rebase")
def rebase() -> None:
    ledger.rebase_all(margins.specs_of)


@shared_task(name="risk.estimate")
def estimate() -> None:
    snapshots.estimate()


@shared_task(name="risk.approvals")
def approvals() -> None:
    changes.look_after()
