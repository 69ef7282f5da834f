"""What can go wrong when risk is asked, named by what the caller should do next.

RiskError
    Busy          no verdict and no row: ask again with the same id until the intent expires
    Refused       the request cannot be a row (unknown account, not finite, too long): never ask it again
    BadReason     a trip, reset or change without a reason: ask the person for one
    UnknownScope  there is no breaker or limit of that name: correct it
    NoCovariance  an exposure has no place in the covariance, or there is none: deny entries that need it
    UnknownEquity a reset needs marks to restart the loss base from: wait for fresh quotes
"""


class RiskError(Exception):
    """Base of all errors of this app."""


class Busy(RiskError):  # noqa: N818
    pass


class Refused(RiskError):  # noqa: N818
    """`review_id` names the kept review."""

    def __init__(self, reason: str, text: str, review_id: int | None = None) -> None:
        super().__init__(text)
        self.reason = reason
        self.review_id = review_id


class BadReason(RiskError):  # noqa: N818
    pass


class UnknownScope(RiskError):  # noqa: N818
    pass


class UnknownEquity(RiskError):  # noqa: N818
    pass


class NoCovariance(RiskError):  # noqa: N818
    pass
