"""Keeps a state folder at the edition that a store has published, in a thread of its own."""

import logging
import threading
from pathlib import Path
from typing import Protocol

from index.errors import IndexingError, StoreUnavailable
from index.storage.edition import current_name

LOOKS_EVERY_S = 5.0

_log = logging.getLogger(__name__)


class EditionSource(Protocol):
    """A store that editions are fetched from."""

    def fetch(self, state: Path) -> str | None:
        """Make the published edition that of a state folder; see ``index.storage.milvus``."""
        ...


def fetch_from(store: EditionSource, state: Path) -> None:
    """Fetch the published edition. A store that does not answer is logged where an older edition is here.

    Raises:
        StoreUnavailable: nothing is here, and the store does not answer.
    """
    try:
        store.fetch(state)
    except StoreUnavailable as error:
        if current_name(state) is None:
            raise
        _log.warning("the edition that is here answers: %s", error)


class StoreFollower:
    """Fetches each edition that a store publishes.

    Args:
        store: the store.
        state: the state folder.
        looks_every_s: seconds between two looks.
    """

    def __init__(self, store: EditionSource, state: Path, *, looks_every_s: float = LOOKS_EVERY_S) -> None:
        self._store, self._state, self._looks_every_s = store, state, looks_every_s
        self._stopped = threading.Event()
        self._has_looked = False
        self._problem: str | None = None
        self._thread = threading.Thread(target=self._run, name="store-follower", daemon=True)

    @property
    def has_looked(self) -> bool:
        """True once the edition that was published at the start is here, or could not be fetched."""
        return self._has_looked

    def start(self) -> None:
        """Begin, without waiting: the first edition may take minutes."""
        self._thread.start()

    def stop(self) -> None:
        """End after the look that is under way."""
        self._stopped.set()

    def _run(self) -> None:
        while not self._stopped.is_set():
            self._look()
            self._has_looked = True
            self._stopped.wait(self._looks_every_s)

    def _look(self) -> None:
        try:
            name = self._store.fetch(self._state)
        except (IndexingError, OSError) as error:
            if str(error) != self._problem:
                _log.warning("no edition could be fetched from the store: %s", error)
            self._problem = str(error)
            return
        except Exception:
            _log.exception("no edition could be fetched from the store")
            return
        self._problem = None
        if name is not None:
            _log.info("fetched edition %s from the store", name)
