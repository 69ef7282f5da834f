"""Whose rules protect the owner of an account: leverage by class, hedging, FIFO, close-out of margin.

Sources: ESMA's product intervention on contracts for difference (Decision (EU) 2018/796, kept by the national
authorities) and the CFTC's and NFA's rules for retail forex (17 CFR 5.9; NFA Compliance Rule 2-43).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from decimal import ROUND_UP, Context, Decimal
from enum import StrEnum

from apps.marketdata.domain.instrument import InstrumentSpec

# A rate that does not end is rounded up, so that a margin made of it is never too small.
_UPWARDS = Context(prec=28, rounding=ROUND_UP)


class Kind(StrEnum):
    """What an instrument is to a regulator. `InstrumentClass.kind` holds one of these."""

    FX_MAJOR = "fx_major"
    FX_MINOR = "fx_minor"
    GOLD = "gold"
    INDEX_MAJOR = "index_major"
    INDEX_MINOR = "index_minor"
    COMMODITY = "commodity"
    SHARE = "share"
    CRYPTO = "crypto"


class NoPack(LookupError):  # noqa: N818 - it names what is missing
    """An account names rules that nobody knows."""


class NoClass(LookupError):  # noqa: N818 - it names what is missing
    """Nobody said what an instrument is to the regulator, or his rules do not let it be traded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pack:
    """`leverage` is the most by class; a retail pack lets nothing be traded that it does not list.

    `closeout` is the share of the required margin at which equity no longer carries the positions.
    """

    name: str
    leverage: Mapping[str, Decimal] = field(default_factory=dict)
    hedging: bool = True
    fifo: bool = False
    closeout: Decimal | None = None

    @property
    def is_retail(self) -> bool:
        return bool(self.leverage)

    def margin_rate(self, instrument: str, venue_rate: Decimal, classes: Mapping[str, str]) -> Decimal:
        """Return the larger of the venue's rate and 1 / leverage of the class. Raise NoClass."""
        if not self.is_retail:
            return venue_rate
        kind = classes.get(instrument)
        if kind is None:
            raise NoClass(f"{instrument} has no class, which {self.name} needs")
        leverage = self.leverage.get(kind)
        if leverage is None:
            raise NoClass(f"{self.name} has no leverage for {instrument}, which is {kind}")
        return max(venue_rate, _UPWARDS.divide(Decimal(1), leverage))


def _by_kind(**leverage: int) -> dict[str, Decimal]:
    return {Kind(kind).value: Decimal(times) for kind, times in leverage.items()}


PACKS: Mapping[str, Pack] = {
    pack.name: pack
    for pack in (
        Pack(name="professional"),
        Pack(
            name="esma_retail",
            leverage=_by_kind(
                fx_major=30, fx_minor=20, gold=20, index_major=20,
                index_minor=10, commodity=10, share=5, crypto=2,
            ),
            closeout=Decimal("0.5"),
        ),
        Pack(name="us_retail", leverage=_by_kind(fx_major=50, fx_minor=20), hedging=False, fifo=True),
    )
}  # fmt: skip


def pack_of(name: str) -> Pack:
    """Return an account's pack. Raise NoPack."""
    pack = PACKS.get(name)
    if pack is None:
        raise NoPack(f"there is no pack of rules named {name!r}")
    return pack


class Margined(Mapping[str, InstrumentSpec]):
    """Specs whose margin rate is the larger of the venue's and the pack's, worked out when asked for.

    Looking up an instrument raises NoClass where the pack needs a class and none is in force.
    """

    def __init__(self, specs: Mapping[str, InstrumentSpec], pack: Pack, classes: Mapping[str, str]) -> None:
        self._specs, self._pack, self._classes = specs, pack, classes
        self._known: dict[str, InstrumentSpec] = {}

    def __getitem__(self, name: str) -> InstrumentSpec:
        known = self._known.get(name)
        if known is None:
            spec = self._specs[name]
            rate = self._pack.margin_rate(name, spec.margin_rate, self._classes)
            known = self._known[name] = replace(spec, margin_rate=rate)
        return known

    def __iter__(self) -> Iterator[str]:
        return iter(self._specs)

    def __len__(self) -> int:
        return len(self._specs)


def margin_closeout(pack: Pack, *, equity: Decimal, margin: Decimal) -> bool:
    """Tell whether equity has fallen to the pack's share of the required margin, or below; equal counts."""
    return pack.closeout is not None and margin > 0 and equity <= pack.closeout * margin
