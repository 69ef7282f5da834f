"""What can go wrong with an agent, named by what the caller should do next.

AgentError
    PolicyFault       the policy gave no usable action: no order, count it, pause after three
    PolicyChanged     the stored version does not match its hash: refuse it
    UnknownAgent      tell the caller which agents there are
    NotAllowed        the move is not open in the agent's state: tell the caller why
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
