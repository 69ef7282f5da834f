"""What can go wrong with market data, named by what the caller should do next.

MarketDataError
    UnknownInstrument   nothing of that name is registered: map the symbol or correct the name
    NoHistory           no closed bar there yet: wait, or backfill
    BadData             what was given cannot be taken: mend the file or the feed; the line says where
    StoreUnavailable    a store did not answer: keep what you have and try again
"""


class MarketDataError(Exception):
    """Base of all errors of this app."""


class UnknownInstrument(MarketDataError):  # noqa: N818
    def __init__(self, name: str) -> None:
        super().__init__(f"no instrument {name!r} is registered")
        self.name = name


class NoHistory(MarketDataError):  # noqa: N818
    pass


class BadData(MarketDataError):  # noqa: N818
    pass


class StoreUnavailable(MarketDataError):  # noqa: N818
    pass
