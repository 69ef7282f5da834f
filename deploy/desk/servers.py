"""The embedded servers in one place: how each is initialised, started, probed and stopped."""

from deploy.desk.postgres import POSTGRES_MAJOR, Postgres, database_answers
from deploy.desk.questdb import QuestDB
from deploy.desk.server import Server, write_private
from deploy.desk.valkey import Valkey

__all__ = ["POSTGRES_MAJOR", "Postgres", "QuestDB", "Server", "Valkey", "database_answers", "write_private"]
