"""The start of the program ``counterpoint``, which can be stopped while the rest of it is still loading."""

import os
import signal
import sys

_STOPPED = 128 + signal.SIGINT
_SENTENCE = "\nStopped.\n"


def main() -> None:
    """Run the command line; where Ctrl-C stops it before any command runs, say so and exit with 130."""
    # Python's own handler raises KeyboardInterrupt, which the loading of a compiled module may turn into anything.
    is_own = signal.getsignal(signal.SIGINT) is signal.default_int_handler
    if is_own:
        signal.signal(signal.SIGINT, _stop)
    from bot.cli import app  # noqa: PLC0415 - takes a second, or several on a busy machine

    if is_own:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        app.main()
    except KeyboardInterrupt:  # outside of any command, which ends by itself
        sys.stderr.write(_SENTENCE)
        sys.exit(_STOPPED)


def _stop(*_: object) -> None:
    os.write(2, _SENTENCE.encode())
    os._exit(_STOPPED)


if __name__ == "__main__":
    main()
