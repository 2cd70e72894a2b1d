"""Taking files into the library: find them, understand them, say what adding would do, and do it."""

from index.library.ingest.duplicates import Duplicates
from index.library.ingest.files import find_files
from index.library.ingest.held import find_held
from index.library.ingest.metadata import Note, Origin
from index.library.ingest.overrides import Overrides
from index.library.ingest.people import Speaker
from index.library.ingest.plan import Action, Facts, Plan
from index.library.ingest.planning import plan_bytes, plan_file, remember
from index.library.ingest.sidecars import Sidecars, neighbours_in, read_neighbours
from index.library.ingest.write import remove, write

__all__ = [
    "Action",
    "Duplicates",
    "Facts",
    "Note",
    "Origin",
    "Overrides",
    "Plan",
    "Sidecars",
    "Speaker",
    "find_files",
    "find_held",
    "neighbours_in",
    "plan_bytes",
    "plan_file",
    "read_neighbours",
    "remember",
    "remove",
    "write",
]
