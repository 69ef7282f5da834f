"""Money of an account at the venue's own quotes: conversion, floating profit, margin."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from apps.brokers.simulators.market.accounts import Account, Position
from apps.brokers.simulators.market.instruments import CATALOGUE, InstrumentRecord
from apps.brokers.simulators.market.ticks import Quote

Quotes = Mapping[str, Quote]
CENT = Decimal("0.01")


class NoRateError(LookupError):
    """No quote turns this money into the account's currency now."""


def cents(amount: Decimal) -> Decimal:
    return amount.quantize(CENT, ROUND_HALF_UP)


def convert(amount: Decimal, money: str, currency: str, quotes: Quotes) -> Decimal:
    """Turn money into the account's currency: gains at the bid, losses at the ask, so on the worse side.

    Raises NoRateError when no direct, inverse or US dollar way has a quote.
    """
    if money == currency or not amount:
        return amount
    if money + currency in quotes:
        quote = quotes[money + currency]
        return amount * (quote.bid if amount > 0 else quote.ask)
    if currency + money in quotes:
        quote = quotes[currency + money]
        return amount / (quote.ask if amount > 0 else quote.bid)
    if "USD" in {money, currency}:
        raise NoRateError(f"no quote turns {money} into {currency}")
    return convert(convert(amount, money, "USD", quotes), "USD", currency, quotes)


def result(
    record: InstrumentRecord, volume: Decimal, opened: Decimal, closed: Decimal, currency: str, quotes: Quotes
) -> Decimal:
    """Profit in cents of the account's currency of `volume` signed lots opened and closed at these prices."""
    raw = volume * record.contract_size * (closed - opened)
    return cents(convert(raw, record.currency_profit, currency, quotes))


def floating(position: Position, currency: str, quotes: Quotes) -> Decimal:
    quote = quotes[position.symbol]
    out = quote.bid if position.volume > 0 else quote.ask
    return result(CATALOGUE[position.symbol], position.volume, position.price, out, currency, quotes)


def margin_of(symbol: str, volume: Decimal, price: Decimal, currency: str, quotes: Quotes) -> Decimal:
    """Margin for `volume` lots: a share of the notional, where the margin currency is not the price's own."""
    record = CATALOGUE[symbol]
    size = abs(volume) * record.contract_size
    notional = size if record.currency_margin != record.currency_profit else size * price
    return cents(-convert(-notional * record.margin_rate, record.currency_margin, currency, quotes))


@dataclass(frozen=True, slots=True, kw_only=True)
class Worth:
    balance: Decimal
    profit: Decimal
    equity: Decimal
    margin: Decimal

    @property
    def free(self) -> Decimal:
        return self.equity - self.margin

    @property
    def level(self) -> Decimal:
        """Margin level in percent; 0 without positions, as MT5 shows it."""
        return (self.equity / self.margin * 100).quantize(CENT) if self.margin else Decimal(0)


def margin_used(
    account: Account, quotes: Quotes, extra: tuple[str, Decimal, Decimal] | None = None
) -> Decimal:
    """Margin of all positions, with `extra` = (symbol, signed lots, price) added as the account would."""
    total = Decimal(0)
    for position in account.positions.values():
        volume = position.volume
        if extra and extra[0] == position.symbol and account.margin_mode == "netting":
            volume, extra = volume + extra[1], None
        total += margin_of(position.symbol, volume, position.price, account.currency, quotes)
    if extra:
        total += margin_of(extra[0], extra[1], extra[2], account.currency, quotes)
    return total


def worth(account: Account, quotes: Quotes) -> Worth:
    profit = sum((floating(p, account.currency, quotes) for p in account.positions.values()), Decimal(0))
    swap = sum((p.swap for p in account.positions.values()), Decimal(0))
    return Worth(
        balance=account.cash,
        profit=profit,
        equity=account.cash + profit + swap,
        margin=margin_used(account, quotes),
    )
