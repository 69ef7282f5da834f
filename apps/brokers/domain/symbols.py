"""Which of a venue's symbols is which of our instruments. A doubt is a refusal, never a guess."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

# Other names under which brokers list the same thing (starting values; a mapping row wins).
ALIASES: dict[str, tuple[str, ...]] = {
    "XAUUSD": ("GOLD",),
    "XAGUSD": ("SILVER",),
    "US30": ("DJ30", "US30.cash", "WS30"),
    "NAS100": ("USTEC", "US100"),
    "SPX500": ("US500", "SPX500.cash"),
    "DE30EUR": ("DE30", "GER30", "DAX30"),
}
KNOWN = (
    "EURUSD", "GBPUSD", "USDJPY", "USDCHF", "USDCAD", "AUDUSD", "NZDUSD", "EURGBP", "EURJPY", "GBPJPY",
    "AUDJPY", *ALIASES,
)  # fmt: skip
CURRENCY_PAIR = re.compile(r"^[A-Z]{6}$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Offered:
    """A symbol as the venue lists it. Currencies may be empty; a complaint rules it out."""

    symbol: str
    currency_base: str = ""
    currency_profit: str = ""
    complaint: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SymbolChoice:
    """The outcome for one instrument: a symbol, or the reason for having none."""

    instrument: str
    symbol: str = ""
    refusal: str = ""


def pattern_of(instrument: str) -> re.Pattern[str]:
    return re.compile(rf"^[#.]?{re.escape(instrument)}([._\-+#]?[A-Za-z0-9]{{0,6}})$")


def candidates(instrument: str, offered: Sequence[Offered], alias: str = "") -> list[Offered]:
    """Return the matches of the strongest kind that has any: exact, configured or known alias, pattern."""
    names = {alias} if alias else set(ALIASES.get(instrument, ()))
    shape = pattern_of(instrument)
    for matches in (
        [] if alias else [item for item in offered if item.symbol == instrument],
        [item for item in offered if item.symbol in names],
        [] if alias else [item for item in offered if shape.match(item.symbol)],
    ):
        if matches:
            return matches
    return []


def resolve(instrument: str, offered: Sequence[Offered], *, alias: str = "") -> SymbolChoice | None:
    """Map one instrument. None where the venue offers nothing like it."""
    found = candidates(instrument, offered, alias)
    if not found:
        return (
            SymbolChoice(instrument=instrument, refusal=f"the venue does not list {alias}") if alias else None
        )
    if len(found) > 1:
        names = ", ".join(sorted(item.symbol for item in found))
        return SymbolChoice(instrument=instrument, refusal=f"several symbols match: {names}; choose one")
    return _checked(instrument, found[0])


def _checked(instrument: str, item: Offered) -> SymbolChoice:
    if item.complaint:
        return SymbolChoice(instrument=instrument, refusal=f"{item.symbol}: {item.complaint}")
    if CURRENCY_PAIR.match(instrument) and item.currency_base and item.currency_profit:
        pair = item.currency_base + item.currency_profit
        if pair != instrument:
            return SymbolChoice(
                instrument=instrument, refusal=f"{item.symbol} trades {pair}, which is not {instrument}"
            )
    return SymbolChoice(instrument=instrument, symbol=item.symbol)


def resolve_all(
    wanted: Iterable[str], offered: Sequence[Offered], *, aliases: Mapping[str, str], adopt_rest: bool
) -> list[SymbolChoice]:
    """Map every wanted instrument; with `adopt_rest` each further symbol is an instrument of its own name.

    One symbol never serves two instruments: the second is refused.
    """
    outcome: list[SymbolChoice] = []
    taken: dict[str, str] = {}
    for instrument in dict.fromkeys(wanted):
        mapping = resolve(instrument, offered, alias=aliases.get(instrument, ""))
        if mapping is None:
            continue
        if mapping.symbol in taken:
            other = taken[mapping.symbol]
            mapping = SymbolChoice(instrument=instrument, refusal=f"{mapping.symbol} is already {other}")
        elif mapping.symbol:
            taken[mapping.symbol] = instrument
        outcome.append(mapping)
    if adopt_rest:
        named = {mapping.instrument for mapping in outcome}
        rest = [item for item in offered if item.symbol not in taken and item.symbol not in named]
        outcome += [_checked(item.symbol, item) for item in rest]
    return outcome
