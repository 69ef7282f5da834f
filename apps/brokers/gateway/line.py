"""One connection as the gateway holds it: two sessions, what they last agreed on, what is on its way."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from apps.brokers import connections, dispatch
from apps.brokers.connections import BrokerAdapter, ConnectionView, MarketFeed, SessionListener, opening
from apps.brokers.dispatch import Sender, off_loop
from apps.brokers.gateway.sink import Sink
from apps.brokers.reconciliation import Doubts, Watch, reconcile
from apps.portfolio import books, ledger
from apps.portfolio.books import OrderView
from apps.portfolio.domain.order import OrderStatus
from apps.risk import alerts

CANCEL_AGAIN_AFTER_S = 5.0
REST_S = 1.0
LATE_AFTER_S = 60.0


@dataclass(slots=True, kw_only=True)
class Line:
    """`connected_at` (monotonic) is None while the orders session is away. Sending waits for `reconciled`."""

    view: ConnectionView
    orders: BrokerAdapter
    quotes: BrokerAdapter
    feed: MarketFeed
    watch: Watch
    doubts: Doubts
    connected_at: float | None = None
    reconciled: bool = False
    agreed_at: float = field(default_factory=time.monotonic)  # when a pass last came to its end
    rests_until: float = 0.0  # monotonic: an order came back unsent, the next try waits
    symbols: dict[str, str] = field(default_factory=dict)
    in_flight: dict[str, OrderView] = field(default_factory=dict)
    cancels: dict[str, float] = field(default_factory=dict)
    back: asyncio.Event = field(default_factory=asyncio.Event)

    @classmethod
    async def open(cls, view: ConnectionView, sink: Sink) -> "Line":
        """Make both sessions and their feed; `start` connects them."""
        listener = _Listener()
        orders = await off_loop(opening.open_orders_session, view.slug, listener=listener.session())
        quotes = await off_loop(opening.open_quotes_session, view.slug)
        timeframe = await off_loop(connections.base_timeframe)
        line = cls(
            view=view,
            orders=orders,
            quotes=quotes,
            feed=opening.open_feed(quotes, timeframe=timeframe, sink=sink),
            watch=Watch(account=view.account),
            doubts=Doubts(account=view.account),
        )
        listener.line = line
        return line

    async def start(self) -> None:
        """Return once both sessions have tried to connect; they go on trying by themselves."""
        await asyncio.gather(self.orders.start(), self.quotes.start())

    async def close(self) -> None:
        await asyncio.gather(self.orders.close(), self.quotes.close(), return_exceptions=True)

    @property
    def may_send(self) -> bool:
        is_up = self.connected_at is not None and self.orders.connected and self.reconciled
        return is_up and self.view.accepts_orders and time.monotonic() >= self.rests_until

    async def reconcile(self) -> None:
        """Run one pass; trading on this line waits for the first one after each connect."""
        began_with = self.connected_at
        if began_with is None or not self.orders.connected:
            return
        await self._read_rows()
        try:
            await reconcile(self.orders, self.watch, symbols=self.symbols)
        except Exception as error:
            await self.tell_if_late(error)
            raise
        if self.is_late or not self.reconciled:
            await off_loop(alerts.close_alert, key=self.late_key, by="reconciliation")
        self.agreed_at = time.monotonic()
        if self.connected_at == began_with:
            self.reconciled = True

    @property
    def is_late(self) -> bool:
        return time.monotonic() - self.agreed_at > LATE_AFTER_S

    @property
    def late_key(self) -> str:
        return f"reconciliation:{self.view.slug}"

    async def tell_if_late(self, error: Exception) -> None:
        """Tell people that passes keep failing: until the first one succeeds, this line sends nothing."""
        if self.is_late:
            text = f"{self.view.slug} could not be reconciled for more than {LATE_AFTER_S:.0f} s: {error!r}"
            await off_loop(
                alerts.raise_alert,
                level="critical",
                rule="unreconciled",
                scope=f"account:{self.view.account}",
                text=text,
                key=self.late_key,
            )

    async def _read_rows(self) -> None:
        """Take over what staff changed: a connection that is switched off sends nothing more."""
        views = {view.slug: view for view in await off_loop(connections.enabled)}
        self.view = views.get(self.view.slug, replace(self.view, accepts_orders=False))
        self.symbols = await off_loop(connections.symbols, self.view.slug)

    async def ask_about_doubts(self) -> None:
        if self.connected_at is None or not self.orders.connected:
            return
        await self.doubts.ask_due(
            self.orders,
            symbols=self.symbols,
            connected_at=self.connected_at,
            in_flight=frozenset(self.in_flight),
        )

    async def carry(self, order: OrderView, sender: Sender, done: Callable[[], None]) -> None:
        """Send one claimed order; `done` is called when its place is free and there is no reason to wait."""
        self.in_flight[order.client_order_id] = order
        try:
            symbol = self.symbols.get(order.instrument, order.instrument)
            settled = await dispatch.send(order, symbol=symbol, session=self.orders, sender=sender)
        finally:
            self.in_flight.pop(order.client_order_id, None)
        if settled:
            done()
        else:
            self.rests_until = time.monotonic() + REST_S

    async def send_cancels(self) -> None:
        """Pass on cancels that were asked for; one that got no answer is repeated, which is harmless."""
        if self.connected_at is None or not self.orders.connected:
            return
        states = {OrderStatus.CANCEL_PENDING, OrderStatus.REPLACE_PENDING}
        found = await off_loop(books.orders_in, states, self.view.account)
        pending = [order for order in found if order.amendment is None or order.amendment.cancel]
        now = time.monotonic()
        ids = {order.client_order_id for order in pending}
        self.cancels = {order_id: at for order_id, at in self.cancels.items() if order_id in ids}
        for order in pending:
            if now - self.cancels.get(order.client_order_id, -CANCEL_AGAIN_AFTER_S) >= CANCEL_AGAIN_AFTER_S:
                self.cancels[order.client_order_id] = now
                symbol = self.symbols.get(order.instrument, order.instrument)
                await dispatch.cancel(order, symbol=symbol, session=self.orders)

    async def send_amends(self, sender: Sender) -> None:
        """Send changes that were asked for, each once, one after the other."""
        while self.may_send:
            order = await off_loop(
                ledger.claim_amend, owner=sender.owner, fence=sender.fence, accounts=(self.view.account,)
            )
            if order is None:
                return
            symbol = self.symbols.get(order.instrument, order.instrument)
            if not await dispatch.amend(order, symbol=symbol, session=self.orders, sender=sender):
                self.rests_until = time.monotonic() + REST_S


@dataclass(slots=True)
class _Listener:
    """Passes what the orders session says of itself to its line, which is made after the session."""

    line: Line | None = None

    def session(self) -> SessionListener:
        return SessionListener(on_connected=self._connected, on_lost=self._lost)

    async def _connected(self) -> None:
        if self.line is not None:
            self.line.reconciled = False
            self.line.watch.changes.forget()
            self.line.connected_at = self.line.agreed_at = time.monotonic()
            self.line.back.set()

    async def _lost(self, _reason: str) -> None:
        if self.line is not None:
            self.line.connected_at = None
            self.line.reconciled = False
