"""Where a part that runs apart begins (``bot.apart``): it ends with its parent while it loads, too.

Loading takes seconds. A child that looked for its parent only after them would hold the gateway's
port meanwhile, and the next start of ours would find it taken.

Run as ``python -m bot.child worker`` or ``python -m bot.child gateway DESCRIPTOR``. Standard input
is a pipe whose other end the parent holds. The bytes in it are for the part; its end is for all.
"""

import os
import select
import signal
import sys
import threading


class ParentWatch:
    """Sends us the stop signal once the parent is gone, until the part looks for that itself."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._is_over = False

    def start(self) -> None:
        """Watch from now on."""
        threading.Thread(target=self._wait, name="parent-watch", daemon=True).start()

    def end(self) -> None:
        """No signal comes after this."""
        with self._lock:
            self._is_over = True

    def _wait(self) -> None:
        # Asked for nothing, poll still tells of the other end's closing, and takes no byte.
        pipe = select.poll()
        pipe.register(0, 0)
        pipe.poll()
        with self._lock:
            if not self._is_over:
                os.kill(os.getpid(), signal.SIGTERM)


def main() -> None:
    """Run one part, as the parent says."""
    watch = ParentWatch()
    watch.start()
    # Not before: this is what takes so long.
    from bot import apart

    apart.run(sys.argv[1:], at_work=watch.end)


if __name__ == "__main__":
    main()
