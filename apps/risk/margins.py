"""The margin rates that count for an account: those of the venue, or of its regulator where higher."""

from collections.abc import Mapping

from django.db.models.functions import Now

from apps.marketdata import instruments
from apps.marketdata.domain.instrument import InstrumentSpec
from apps.portfolio.domain.book import AccountView
from apps.risk.domain.packs import Margined, pack_of
from apps.risk.models import InstrumentClass


def specs_of(account: AccountView) -> Mapping[str, InstrumentSpec]:
    """Return every instrument at the account's margin rates. Looking one up may raise NoClass."""
    specs, pack = instruments.specs(), pack_of(account.pack)
    return Margined(specs, pack, classes()) if pack.is_retail else specs


def classes() -> Mapping[str, str]:
    """Return the class of each instrument that has one in force."""
    rows = InstrumentClass.objects.filter(ended_at__isnull=True, effective_from__lte=Now())
    return dict(rows.values_list("instrument", "kind"))
