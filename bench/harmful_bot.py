"""The bot of ``faults_drill.py``: a question with one of two words hangs or ends the worker that answers it."""

import os
import signal
from collections.abc import Callable, Sequence

import bot_process

from bot.app.container import make_opener
from bot.app.edition_session import EditionOpener
from bot.app.settings import Settings
from index.embedding.encoder import Encoder, Vectors

HANGS, CRASHES = "xhangx", "xcrashx"


class HarmfulEncoder:
    """The real encoder; a text with one of two words hangs or ends its process."""

    def __init__(self, whole: Encoder) -> None:
        self._whole = whole
        self.fingerprint, self.dim = whole.fingerprint, whole.dim

    def encode(self, texts: Sequence[str], *, progress: Callable[[int], None] | None = None) -> Vectors:
        """Return what the real one does, if anything."""
        if any(HANGS in text for text in texts):
            while True:
                pass
        if any(CRASHES in text for text in texts):
            os.kill(os.getpid(), signal.SIGSEGV)
        return self._whole.encode(texts, progress=progress)


def make_harmful_opener(settings: Settings) -> EditionOpener:
    """Make what opens editions as ever, with an encoder that does harm."""
    opener = make_opener(settings)
    opened = opener._open_encoder
    opener._open_encoder = lambda fingerprint: HarmfulEncoder(opened(fingerprint))
    return opener


if __name__ == "__main__":
    import harmful_bot  # workers must find the opener by a name that they can import

    bot_process.run_bot(harmful_bot.make_harmful_opener)
