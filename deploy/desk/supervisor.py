"""Starts the parts in order, keeps them running, and stops them in reverse. One process, one thread."""

import os
import signal
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from deploy.desk.part import Part
from deploy.desk.processes import adopt_orphans
from deploy.desk.refusal import Refusal
from deploy.desk.voice import Voice
from deploy.desk.watch import Watch

STOPPING = {signal.SIGTERM, signal.SIGINT, signal.SIGHUP}
DEATHS_BEFORE_GIVING_UP = 6


class Supervisor:
    def __init__(self, parts: Sequence[Part], *, run: Path, log: Path, voice: Voice) -> None:
        self._voice = voice
        self._watches = [Watch(part, order=n, run=run, log=log) for n, part in enumerate(parts, start=1)]
        self._by_name = {watch.part.name: watch for watch in self._watches}
        self._announced = False

    def work(self, *, on_up: Callable[[list[str]], None]) -> None:
        """Run until a signal asks to stop; calls `on_up` once, with the names of parts that are not ready.

        Raises Refusal when a needed part cannot be started. Whatever was started is stopped either way.
        """
        adopt_orphans()
        # Signals wait to be picked up between two steps, so no step is cut in half; children unblock them.
        before = signal.pthread_sigmask(signal.SIG_BLOCK, STOPPING | {signal.SIGCHLD})
        try:
            while not self._asked_to_stop():
                self._reap()
                self._advance()
                awaited = [watch for watch in self._watches if not watch.part.later]
                if not self._announced and all(watch.settled for watch in awaited):
                    self._announced = True
                    on_up([watch.part.name for watch in awaited if not watch.was_up])
        finally:
            self._stop_all()
            signal.pthread_sigmask(signal.SIG_SETMASK, before)

    def _asked_to_stop(self) -> bool:
        """Sleep until a child ends, a signal asks to stop, or the next look is due."""
        received = signal.sigtimedwait(STOPPING | {signal.SIGCHLD}, self._patience_s())
        if received is None or received.si_signo == signal.SIGCHLD:
            return False
        self._voice(f"{signal.Signals(received.si_signo).name} received: stopping")
        return True

    def _patience_s(self) -> float:
        """Tell how long nothing can be missed: a step at work or waited for needs a glance, not a stare."""
        busy = [watch for watch in self._watches if watch.state in {"waiting", "starting", "restarting"}]
        if not self._announced or any(not (watch.part.later and watch.is_slow) for watch in busy):
            return 0.05
        return 0.5 if busy else 5.0

    def _reap(self) -> None:
        """Notice ended children; reap adopted orphans too."""
        children = {watch.child.pid: watch for watch in self._watches if watch.child is not None}
        while (ended := _ended_child()) is not None:
            watch = children.pop(ended, None)
            if watch is None or watch.child is None:
                os.waitpid(ended, os.WNOHANG)
                continue
            self._bury(watch, watch.child.wait())

    def _bury(self, watch: Watch, code: int) -> None:
        part = watch.part
        why = "" if code == 0 else watch.last_words()
        self._show(watch, apart_from=why)
        if part.once and code == 0:
            part.on_done()
            watch.mark_done()
            self._voice(f"{part.done_says or f'{part.name} done'} ({watch.age_s:.1f} s)")
            return
        how = f"was ended by signal {-code}" if code < 0 else f"ended with code {code}"
        if part.once and not part.later:
            raise Refusal(f"{part.name} {how}: {why}", exit_code=code if code > 0 else 1)
        lived_s = watch.age_s
        delay_s = watch.retry_later(f"{how}: {why}" if why and code > 0 else how)
        if part.once:
            self._voice(f"{part.name} {how}: {why}; tried again in {delay_s:.0f} s, the desk goes on")
            return
        if part.needed and not watch.settled and watch.restarts >= DEATHS_BEFORE_GIVING_UP:
            raise Refusal(f"{part.name} {how} again and again: {why} (log: {watch.log})")
        self._voice(f"{part.name} {how} after {lived_s:.1f} s, starts again in {delay_s:.1f} s")

    def _advance(self) -> None:
        for watch in self._watches:
            if self._may_start(watch):
                self._start(watch)
            elif watch.state == "starting" and watch.look_due:
                self._look_at(watch)
            if not (watch.settled or watch.part.later) and watch.trying_s > watch.part.ready_within_s:
                self._give_up(watch)

    def _may_start(self, watch: Watch) -> bool:
        if watch.state == "waiting":
            if watch.part.later:
                return self._announced and all(self._by_name[name].was_up for name in watch.part.after)
            return all(self._by_name[name].settled for name in watch.part.after)
        return watch.due

    def _start(self, watch: Watch) -> None:
        try:
            watch.start()
        except (Refusal, OSError) as error:
            if watch.part.needed and not watch.settled:
                raise
            delay_s = watch.retry_later(str(error))
            self._voice(f"{watch.part.name} cannot be started: {error}; tried again in {delay_s:.1f} s")

    def _look_at(self, watch: Watch) -> None:
        part = watch.part
        self._show(watch)
        if watch.is_ready():
            back = "is back" if watch.was_up else "is up"
            watch.mark_up()
            self._voice(f"{part.name} {back} ({watch.age_s:.1f} s) {part.address}".rstrip())

    def _give_up(self, watch: Watch) -> None:
        """End the start-up without a needed part; wait no longer for another one."""
        line = f"{watch.part.name} is not ready after {watch.part.ready_within_s:.0f} s"
        if watch.part.needed:
            raise Refusal(f"{line}: see {watch.log}")
        watch.gave_up = True
        self._voice(f"{line}; it goes on trying, see {watch.log}")

    def _show(self, watch: Watch, *, apart_from: str = "") -> None:
        lines = watch.new_output() if watch.part.show else []
        for line in lines:
            if line != apart_from:
                self._voice(f"  {line}")

    def _stop_all(self) -> None:
        """Stop in reverse order; a second Ctrl C shortens the patience to nothing."""
        for watch in reversed(self._watches):
            had_process = watch.alive
            began = time.monotonic()
            obeyed = watch.stop(hurried=lambda: bool(signal.sigpending() & STOPPING))
            if had_process:
                how = "stopped" if obeyed else "did not listen and was killed"
                self._voice(f"{watch.part.name} {how} ({time.monotonic() - began:.1f} s)")


def _ended_child() -> int | None:
    """Give the pid of a child that ended, without reaping it; None when there is none."""
    try:
        result = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    except ChildProcessError:
        return None
    return None if result is None else result.si_pid
