"""What can go wrong at a venue, named by what the caller should do next.

BrokerError
    NotSent             proof that no byte left: the order may go back to APPROVED or to another broker
    OutcomeUnknown      the venue may have it: never send again, ask by client_order_id
    VenueRejected       proof of refusal: final
    VenueUnavailable    a question got no answer: "no information", never "flat"
    ProfileMismatch     the server is not what its profile says: refuse to trade
    Unsupported         this venue cannot do that: tell the caller, emulate nothing
    RefTaken            the client's name for an order is another order's: tell the caller which
    NothingToClose      the position is flat, or not the caller's to close: tell the caller why
"""


class BrokerError(Exception):
    """Base of all errors of this app."""


class NotSent(BrokerError):  # noqa: N818
    pass


class OutcomeUnknown(BrokerError):  # noqa: N818
    pass


class VenueRejected(BrokerError):  # noqa: N818
    def __init__(self, code: str, text: str) -> None:
        super().__init__(f"{code}: {text}")
        self.code = code
        self.text = text


class VenueUnavailable(BrokerError):  # noqa: N818
    pass


class ProfileMismatch(BrokerError):  # noqa: N818
    pass


class Unsupported(BrokerError):  # noqa: N818
    pass


class RefTaken(BrokerError):  # noqa: N818
    pass


class NothingToClose(BrokerError):  # noqa: N818
    pass
