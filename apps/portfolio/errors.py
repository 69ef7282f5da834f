"""What can go wrong with what the desk holds, named by what the caller should do next.

PortfolioError
    Busy            somebody else holds the account: repeat, nothing was written
    UnknownAccount  there is no such account: refuse
    UnknownOrder    there is no such order: refuse
    NotAmendable    the order cannot be changed as it stands, or not to that: tell the caller
    BadReport       a venue's report cannot be booked as it stands: quarantine and alert
    NoRate          money cannot be converted: deny with `no_rate`, never take zero
    NoMark          a position has no good price: deny with `no_mark`, never take zero
"""


class PortfolioError(Exception):
    """Base of all errors of this app."""


class Busy(PortfolioError):  # noqa: N818
    pass


class UnknownAccount(PortfolioError):  # noqa: N818
    pass


class UnknownOrder(PortfolioError):  # noqa: N818
    pass


class NotAmendable(PortfolioError):  # noqa: N818
    pass


class BadReport(PortfolioError):  # noqa: N818
    pass


class NoRate(PortfolioError):  # noqa: N818
    def __init__(self, source: str, target: str) -> None:
        super().__init__(f"no fresh rate from {source} to {target}")
        self.source = source
        self.target = target


class NoMark(PortfolioError):  # noqa: N818
    def __init__(self, instrument: str) -> None:
        super().__init__(f"no fresh price of {instrument}")
        self.instrument = instrument
