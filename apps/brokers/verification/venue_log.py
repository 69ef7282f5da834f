"""What the venue's own log says, up to its last complete batch: the judge of every comparison."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

Line = dict[str, Any]
NOT_OURS = {"sl", "tp", "so"}  # the venue's own closings carry the number of the position's opener


class LogUnreadableError(Exception):
    """The log is missing, or damaged before its end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VenueDeal:
    """One execution. `number` is the client's, 0 where the order was not a client's own."""

    deal: int
    order: int
    number: int
    symbol: str
    side: str
    volume: Decimal
    price: Decimal
    profit: Decimal
    commission: Decimal
    swap: Decimal
    fee: Decimal

    @property
    def cash(self) -> Decimal:
        return self.profit + self.commission + self.swap + self.fee

    @property
    def signed(self) -> Decimal:
        return self.volume if self.side == "buy" else -self.volume


@dataclass(slots=True, kw_only=True)
class VenueOrderRecord:
    """`state` is working, filled, cancelled, rejected or expired."""

    order: int
    number: int
    symbol: str
    side: str
    volume: Decimal
    state: str = "working"
    filled: Decimal = Decimal(0)


@dataclass(slots=True, kw_only=True)
class VenueAccountRecord:
    login: int
    currency: str
    cash: Decimal
    deposits: dict[int, Decimal] = field(default_factory=dict)  # by deal
    orders: dict[int, VenueOrderRecord] = field(default_factory=dict)
    deals: dict[int, VenueDeal] = field(default_factory=dict)
    positions: dict[int, tuple[str, Decimal]] = field(default_factory=dict)  # by ticket: symbol, signed lots
    rejected: set[int] = field(default_factory=set)  # numbers


@dataclass(slots=True, kw_only=True)
class VenueBooks:
    """The log folded up to its cut: line `seq`, at desk time `desk_at`. No later id is above `last_id`."""

    seq: int = 0
    desk_at: str = ""
    last_id: int = 0
    accounts: dict[int, VenueAccountRecord] = field(default_factory=dict)


def fold(path: Path) -> VenueBooks:
    """Read the whole log. Raise LogUnreadableError."""
    books = VenueBooks()
    for line in _complete(path):
        books.seq, books.desk_at = line["seq"], line["desk_at"]
        _book(books, line)
    if not books.seq:
        raise LogUnreadableError(f"{path} has no complete line")
    return books


def _complete(path: Path) -> Iterator[Line]:
    """Yield the lines of complete batches: all but the last line of a batch carry `more`."""
    batch: list[Line] = []
    try:
        with path.open("rb") as file:
            for number, raw in enumerate(file, 1):
                line = _parsed(raw)
                if line is None:
                    if file.readline():
                        raise LogUnreadableError(f"{path}: line {number} is damaged")
                    return
                batch.append(line)
                if not line.get("more"):
                    yield from batch
                    batch.clear()
    except OSError as error:
        raise LogUnreadableError(f"{path} cannot be read: {error.strerror}") from error


def _parsed(raw: bytes) -> Line | None:
    if not raw.endswith(b"\n"):
        return None
    try:
        line = json.loads(raw)
    except ValueError:
        return None
    return line if isinstance(line, dict) and "kind" in line else None


def _book(books: VenueBooks, line: Line) -> None:
    for key in ("order", "deal"):
        books.last_id = max(books.last_id, int(line.get(key) or 0))
    kind, login = line["kind"], line.get("account")
    if kind == "account":
        books.accounts[line["account"]] = _opened(line)
    elif login is not None and kind in _BOOKING:
        _BOOKING[kind](books.accounts[login], line)


def _opened(line: Line) -> VenueAccountRecord:
    deposit = Decimal(line["deposit"])
    return VenueAccountRecord(
        login=line["account"],
        currency=line["currency"],
        cash=Decimal(line["cash_after"]),
        deposits={line["deal"]: deposit},
    )


def _ordered(account: VenueAccountRecord, line: Line) -> None:
    account.orders[line["order"]] = VenueOrderRecord(
        order=line["order"],
        number=_number(line),
        symbol=line["symbol"],
        side=line["side"],
        volume=Decimal(line["volume"]),
    )


def _dealt(account: VenueAccountRecord, line: Line) -> None:
    deal = VenueDeal(
        deal=line["deal"],
        order=line["order"],
        number=_number(line),
        symbol=line["symbol"],
        side=line["side"],
        **{name: Decimal(line[name]) for name in ("volume", "price", "profit", "commission", "swap", "fee")},
    )
    account.deals[deal.deal] = deal
    account.cash = Decimal(line["cash_after"])
    account.positions[line["position"]] = (deal.symbol, Decimal(line["after"]["volume"]))
    if deal.order in account.orders:
        account.orders[deal.order].filled += deal.volume


def _ended(account: VenueAccountRecord, line: Line) -> None:
    account.orders[line["order"]].state = line["state"]


def _rejected(account: VenueAccountRecord, line: Line) -> None:
    account.rejected.add(_number(line))


def _number(line: Line) -> int:
    return 0 if line.get("reason") in NOT_OURS else int(line.get("client_id") or 0)


_BOOKING = {"order": _ordered, "deal": _dealt, "order_end": _ended, "reject": _rejected}


def net_positions(rows: Iterable[tuple[str, Decimal]]) -> dict[str, Decimal]:
    """Sum signed lots by name, leaving out what is flat."""
    net: dict[str, Decimal] = {}
    for name, lots in rows:
        net[name] = net.get(name, Decimal(0)) + lots
    return {name: lots for name, lots in net.items() if lots}
