"""What can go wrong when risk is asked, named by what the caller should do next.

RiskError
    Busy          no verdict and no row: ask again with the same id until the intent expires
    Refused       the request cannot be a row (unknown account, not finite, too long): never ask it again
    BadReason     a trip, reset or change without a reason: ask the person for one
    UnknownScope  there is no breaker or limit of that name: correct it
    NoCovariance  an exposure has no place in the covariance, or there is none: deny entries that need it
    UnknownEquity a reset needs marks to restart the loss base from: wait for fresh quotes

    NeedsSecondPerson  this change lets more pass than before: propose it, somebody else approves it
    BadChange          what is proposed cannot be put in force: correct it
    NotAPerson         only people propose and decide: sign in
    NotYours           the right on the account or agent is missing: ask somebody who holds it
    WrongPerson        whoever made a request does not decide on it, and nobody else withdraws it
    UnknownChange      there is no request of that number
    NotOpen            it is decided already: make a new one
    AlreadyProposed    an open request on the same subject comes first: decide on that one
    Outdated           what it was proposed against has changed: withdraw it and look again
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


class NeedsSecondPerson(RiskError):  # noqa: N818
    pass


class BadChange(RiskError):  # noqa: N818
    pass


class NotAPerson(RiskError):  # noqa: N818
    pass


class NotYours(RiskError):  # noqa: N818
    pass


class WrongPerson(RiskError):  # noqa: N818
    pass


class UnknownChange(RiskError):  # noqa: N818
    pass


class NotOpen(RiskError):  # noqa: N818
    pass


class AlreadyProposed(RiskError):  # noqa: N818
    pass


class Outdated(RiskError):  # noqa: N818
    pass
