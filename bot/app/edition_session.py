"""An edition that is open for questions: who still reads it, and what it answered lately."""

from collections import OrderedDict
from dataclasses import dataclass, field

from index.search.answers import Filters, Found
from index.search.searcher import Searcher
from index.storage import queries

_KEPT_ANSWERS = 200


@dataclass(slots=True)
class EditionSession:
    """An open edition with how many questions read it; a retired one is closed by the last of them.

    What it answered lately is kept with it and goes with it, so that no answer outlives its edition: turning a page
    asks the same question again.
    """

    searcher: Searcher
    readers: int = 0
    is_retired: bool = False
    _speakers: list[str] | None = None
    _answered: OrderedDict[tuple[str, int, Filters], Found] = field(default_factory=OrderedDict)

    @property
    def name(self) -> str:
        """The edition's name."""
        return self.searcher.edition.name

    async def speakers(self) -> list[str]:
        """Return who speaks in the edition; see ``queries.speakers``."""
        if self._speakers is None:
            self._speakers = await queries.speakers(self.searcher.edition.connection)
        return self._speakers

    async def find(self, question: str, n_passages: int, filters: Filters) -> Found:
        """What ``Searcher.find`` says, from memory where it was asked lately."""
        asked = (question, n_passages, filters)
        found = self._answered.get(asked)
        if found is None:
            found = await self.searcher.find(question, n_passages=n_passages, filters=filters)
        self._answered[asked] = found
        self._answered.move_to_end(asked)
        while len(self._answered) > _KEPT_ANSWERS:
            self._answered.popitem(last=False)
        return found
