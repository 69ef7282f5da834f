"""What can go wrong with an agent, named by what the caller should do next.

AgentError
    PolicyFault       the policy gave no usable action: no order, count it, pause after three
    PolicyChanged     the stored version does not match its hash: refuse it
    UnknownAgent      tell the caller which agents there are
    NotAllowed        the move is not open in the agent's state: tell the caller why
    AlreadyTraining   the agent has a training that is queued or under way: wait for it, or cancel it
    UnknownRun        there is no such training, or no such version: tell the caller
    LostClaim         the training belongs to somebody else by now: stop, and write nothing more
    TooLittleData     there are not enough bars to learn from: say how many are needed
    HardFaults        the bars are not fit to learn from: repair the data set first
    Diverged          training became NaN: stop, say so, keep `last_good`
    Cancelled         somebody stopped the training: mark the run, nothing is kept
"""


class AgentError(Exception):
    """Base of all errors of this app."""


class PolicyFault(AgentError):  # noqa: N818 - named as the field names it
    pass


class PolicyChanged(AgentError):  # noqa: N818
    pass


class UnknownAgent(AgentError):  # noqa: N818
    pass


class NotAllowed(AgentError):  # noqa: N818
    pass


class TooLittleData(AgentError):  # noqa: N818
    def __init__(self, text: str, *, needed: int, there: int) -> None:
        super().__init__(text)
        self.needed = needed
        self.there = there


class HardFaults(AgentError):  # noqa: N818
    pass


class Diverged(AgentError):  # noqa: N818
    """`what` became NaN or infinite at `step`; `last_good` is the TrainedSeed of the last sound rollout."""

    def __init__(self, *, step: int, what: str, last_good: object | None = None) -> None:
        super().__init__(f"training diverged at step {step:,}: {what} is not a finite number")
        self.step = step
        self.what = what
        self.last_good = last_good


class Cancelled(AgentError):  # noqa: N818
    pass


class AlreadyTraining(AgentError):  # noqa: N818
    pass


class UnknownRun(AgentError):  # noqa: N818
    pass


class LostClaim(AgentError):  # noqa: N818
    pass
