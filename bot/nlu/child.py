"""Rasa as a child of Tend: the same command line as ``rasa``, but it ends when its parent ends.

The parent holds the other end of standard input and never writes to it. When the parent is gone,
however it went, the pipe is at its end, and a Rasa that nobody talks to any more stops as well.
"""

import os
import signal
import sys
import threading
import time

GRACE_SECONDS = 5.0
TOKEN_VARIABLE = "TEND_RASA_TOKEN"


def end_with_parent() -> None:
    """Wait until the parent is gone, then stop: first politely, then at once."""
    while os.read(0, 1):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(GRACE_SECONDS)
    os._exit(1)


def main() -> None:
    """Run Rasa with the arguments given, beside the watch on the parent."""
    threading.Thread(target=end_with_parent, name="parent-watch", daemon=True).start()
    # Rasa prompts for nothing here, and must not read the watch's pipe.
    sys.stdin = open(os.devnull, encoding="utf-8")  # noqa: SIM115 - open as long as the process
    sys.argv[0] = "rasa"
    from bot.nlu import quicker

    if len(sys.argv) > 1 and sys.argv[1] == "run":
        # Added here, and not by the parent: an argument of a process is for every user to see.
        sys.argv += ["--auth-token", os.environ[TOKEN_VARIABLE]]
        quicker.check_answers_with_one_validator()
        quicker.load_encoder()
    from rasa.__main__ import main as rasa_main

    rasa_main()


if __name__ == "__main__":
    main()
