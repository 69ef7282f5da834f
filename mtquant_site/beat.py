"""The beat's scheduler: what nobody has read yet is not said again."""

from typing import Any

from celery.beat import PersistentScheduler, ScheduleEntry


class PatientScheduler(PersistentScheduler):
    """Leaves out an entry with a queue of its own while one of its messages waits there.

    Tasks of the beat pull, so one unread message asks for all that a thousand would. A message that has
    expired is dropped by whoever reads it: while nobody reads, messages would pile up in Valkey.
    """

    def apply_entry(self, entry: ScheduleEntry, producer: Any = None) -> None:
        queue = (entry.options or {}).get("queue")
        if queue is None or not self._waits(queue):
            super().apply_entry(entry, producer=producer)

    def _waits(self, queue: str) -> bool:
        try:
            channel: Any = self.connection.default_channel
            return bool(channel.queue_declare(queue).message_count)
        except (*self.connection.connection_errors, *self.connection.channel_errors):
            return False  # sending will fail too, and the beat logs that and goes on
