"""Campaigns that need no desk: each has durable servers of its own, on the disk of var/, while it runs."""

import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from types import FrameType

from deploy.desk import addresses
from deploy.desk.installer import install
from deploy.desk.layout import Layout
from deploy.desk.testbed import Testbed

# The name after `drill`, and the verb of manage.py that plays it.
ON_OWN_SERVERS = {"races": "races"}
OWN = {"MTQ_RUN": "drill-run", "MTQ_QUOTE_STALE_AFTER_S": "86400"}


def play(layout: Layout, words: Sequence[str]) -> int:
    """Start the servers, run the campaign on them, and give its exit code."""
    layout.make()
    addresses.settle_home(layout)
    install(layout, ("base",), lambda line: print(line, file=sys.stderr))
    before = signal.signal(signal.SIGTERM, _leave)
    bed = Testbed.claim(durable=True, within=layout.var)
    bed.var.chmod(layout.var.stat().st_mode & 0o777)  # where PostgreSQL is another user it passes through
    try:
        bed.start(bed.postgres)
        bed.start(bed.valkey)
        command = [str(layout.python), str(layout.root / "manage.py"), ON_OWN_SERVERS[words[0]], *words[1:]]
        return subprocess.run(command, env=_environment(layout, bed), check=False).returncode
    finally:
        bed.close()
        signal.signal(signal.SIGTERM, before)


def _environment(layout: Layout, bed: Testbed) -> dict[str, str]:
    """Give nothing of the caller's own desk: a drill must not touch it."""
    outer = {key for key in os.environ if key.startswith("MTQ_") or key in addresses.EMBEDDED}
    own = {key: value for key, value in addresses.child_environment(layout, {}).items() if key not in outer}
    return own | bed.environment() | OWN | {"DJANGO_SETTINGS_MODULE": "mtquant_site.settings.test"}


def _leave(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt
