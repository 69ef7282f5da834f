"""Beats of this app: each is one call to a door."""

from celery import shared_task

from apps.portfolio import audit, valuation


@shared_task(name="portfolio.snapshot")
def snapshot() -> None:
    valuation.snapshot_all()


@shared_task(name="portfolio.anchor")
def anchor() -> None:
    audit.anchor()
