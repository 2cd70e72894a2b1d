"""Taking files into the library: find them, understand them, say what adding would do, and do it."""

from index.intake.about import Note, Origin
from index.intake.files import find_files
from index.intake.holdings import Holdings
from index.intake.neighbours import Neighbours, neighbours_in, read_neighbours
from index.intake.people import Speaker
from index.intake.plan import Action, Facts, Plan
from index.intake.planning import plan_bytes, plan_file, remember
from index.intake.wishes import Wishes
from index.intake.write import remove, write

__all__ = [
    "Action",
    "Facts",
    "Holdings",
    "Neighbours",
    "Note",
    "Origin",
    "Plan",
    "Speaker",
    "Wishes",
    "find_files",
    "neighbours_in",
    "plan_bytes",
    "plan_file",
    "read_neighbours",
    "remember",
    "remove",
    "write",
]
