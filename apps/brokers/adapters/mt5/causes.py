"""Why a session ended, in one line: the MCP client wraps what happened in groups of groups."""

import asyncio

from apps.brokers.errors import ProfileMismatch


def why_ended(session: asyncio.Task[None]) -> str:
    if session.cancelled():
        return "the connection broke"
    error = session.exception()
    return "the session ended" if error is None else root_cause(error)


def root_cause(error: BaseException) -> str:
    """Say in one line what lies under groups of groups; a mismatch of ours comes before all else."""
    leaves = list(_leaves(error))
    for leaf in leaves:
        if isinstance(leaf, ProfileMismatch):
            return str(leaf)
    told = [leaf for leaf in leaves if not isinstance(leaf, asyncio.CancelledError)] or leaves
    return f"{type(told[0]).__name__}: {told[0]}"


def _leaves(error: BaseException) -> list[BaseException]:
    if isinstance(error, BaseExceptionGroup):
        return [leaf for inner in error.exceptions for leaf in _leaves(inner)]
    return [error]
