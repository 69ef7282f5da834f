"""Bring the user's own bars into the desk: history into the store, the rest to the simulated venue."""

from apps.marketdata.importing.replay import Prepared, prepare_replay

__all__ = ["Prepared", "prepare_replay"]
