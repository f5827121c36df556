"""Runs one command of SyncBridge for as long as the process that started it lives."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Sequence

from syncbridge.cli.main import run

#: How soon an orphan notices.
_LOOK_S = 0.5
#: How long it may take to end cleanly.
_END_S = 8.0


def main(parent: int, args: Sequence[str]) -> None:
    """Run `syncbridge ARGS…` and end with the parent, even if that is killed."""
    threading.Thread(target=_end_with, args=(parent,), name="parent", daemon=True).start()
    sys.exit(run(args))


def _end_with(parent: int) -> None:
    """End like anybody who is asked to, once another process has become the parent."""
    while os.getppid() == parent:
        time.sleep(_LOOK_S)
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(_END_S)
    os._exit(1)


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2:])
