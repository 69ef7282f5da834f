"""Beats of this app: each is one call to a door."""

from celery import shared_task

from apps.portfolio import valuation


@shared_task(name="portfolio.snapshot")
def snapshot() -> None:
    valuation.snapshot_all()
