"""Which symbol of a venue is which instrument."""

from collections.abc import Sequence
from dataclasses import replace

from django.conf import settings
from django.db import transaction

from apps.brokers.adapters.base import SymbolRecord
from apps.brokers.connections.reading import symbols
from apps.brokers.domain.symbols import KNOWN, Offered, SymbolChoice, resolve_all
from apps.brokers.models import BrokerConnection, Environment, SymbolMapping
from apps.marketdata import ingestion
from apps.risk import alerts


def map_symbols(slug: str, records: Sequence[SymbolRecord]) -> dict[str, str]:
    """Decide which symbol is which instrument, keep it as rows, register the specs."""
    with transaction.atomic():
        row = BrokerConnection.objects.select_for_update().get(slug=slug)
        kept = {mapping.instrument: mapping for mapping in row.symbols.all()}
        is_paper = row.environment == Environment.PAPER
        choices = resolve_all(
            [*kept, *KNOWN],
            [_offered(record) for record in records],
            aliases={name: mapping.symbol for name, mapping in kept.items() if mapping.symbol},
            adopt_rest=is_paper,
        )
        for choice in choices:
            _keep(row, kept.get(choice.instrument), choice, is_paper=is_paper)
    used = symbols(slug)
    specs = {record.symbol: record.spec for record in records}
    ingestion.register(
        source=settings.MTQ_RUN if settings.MTQ_WORLD == "sim" else slug,
        specs=[
            (symbol, replace(spec, name=instrument))
            for instrument, symbol in used.items()
            if (spec := specs.get(symbol)) is not None
        ],
    )
    return used


def _offered(record: SymbolRecord) -> Offered:
    return Offered(
        symbol=record.symbol,
        currency_base=record.currency_base,
        currency_profit=record.currency_profit,
        complaint=record.complaint,
    )


def _keep(
    connection: BrokerConnection, row: SymbolMapping | None, choice: SymbolChoice, *, is_paper: bool
) -> None:
    if row is None:
        row = SymbolMapping(connection=connection, instrument=choice.instrument)
        row.confirmed = bool(choice.symbol) and (is_paper or choice.symbol == choice.instrument)
    row.symbol = choice.symbol or row.symbol
    if choice.refusal:
        row.confirmed = False
    if choice.refusal and choice.refusal != row.refusal:
        alerts.raise_alert(
            level="warning",
            rule="symbol_mapping",
            scope=f"account:{connection.account.slug}",
            text=f"{connection.slug} does not trade {choice.instrument}: {choice.refusal}",
            key=f"symbol:{connection.slug}:{choice.instrument}",
        )
    row.refusal = choice.refusal
    row.save()
