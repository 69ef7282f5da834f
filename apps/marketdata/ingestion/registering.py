"""What the venue says about its instruments becomes rows."""

from collections.abc import Sequence
from dataclasses import fields

from django.db import transaction

from apps.marketdata import instruments
from apps.marketdata.domain import sessions
from apps.marketdata.domain.instrument import InstrumentSpec
from apps.marketdata.models import Instrument

_FIELDS = tuple(field.name for field in fields(InstrumentSpec) if field.name != "name")


def register(*, source: str, specs: Sequence[tuple[str, InstrumentSpec]]) -> None:
    """Insert or update instruments from (venue symbol, spec). Session rules that staff changed are kept."""
    rows = [
        Instrument(
            name=spec.name,
            source=source,
            venue_symbol=symbol,
            session_rule=sessions.rule_for(base_currency=spec.base_currency).value,
            **{name: getattr(spec, name) for name in _FIELDS},
        )
        for symbol, spec in specs
    ]
    with transaction.atomic():
        Instrument.objects.bulk_create(
            rows,
            update_conflicts=True,
            unique_fields=["name"],
            update_fields=[*_FIELDS, "source", "venue_symbol", "updated_at"],
        )
    instruments.forget()
