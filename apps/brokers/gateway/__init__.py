"""The gateway: the one process that holds venue sessions, sends orders, reconciles and feeds ingestion."""

from apps.brokers.gateway.desk import Gateway, run

__all__ = ["Gateway", "run"]
