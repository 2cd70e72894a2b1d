"""Adding files to the library: find them, parse each once, plan the change, and write it.

Everything about a file before it is an episode belongs here: its name, sidecars, speakers, show and duplicates.
Parsing of formats belongs to ``index.transcripts.formats``.

Example:
    >>> parsed = parse_file(Path("talk.vtt"))                       # doctest: +SKIP
    >>> plan = plan_episode(parsed, Overrides(), Path("library"))   # doctest: +SKIP
    >>> write_plan(plan, Path("library"), Path("state"))            # doctest: +SKIP
"""

from index.library.ingest.duplicates import Duplicates
from index.library.ingest.episode_lookup import (
    EpisodeInFolder,
    find_in_folder,
    find_unindexed,
    named_folder,
)
from index.library.ingest.episode_writer import remove_folder, write_plan
from index.library.ingest.metadata import Note, Origin
from index.library.ingest.overrides import Overrides
from index.library.ingest.parse_process import ParseLimits, parse_in_process
from index.library.ingest.parsed_file import ParsedFile, parse_bytes, parse_file
from index.library.ingest.plan import Action, Facts, Plan, Speaker, plan_episode, remember
from index.library.ingest.sidecars import Sidecars, parse_sidecars, read_siblings, read_sidecars
from index.library.ingest.transcript_files import LeftOut, find_files, left_out

__all__ = [
    "Action",
    "Duplicates",
    "EpisodeInFolder",
    "Facts",
    "LeftOut",
    "Note",
    "Origin",
    "Overrides",
    "ParseLimits",
    "ParsedFile",
    "Plan",
    "Sidecars",
    "Speaker",
    "find_files",
    "find_in_folder",
    "find_unindexed",
    "left_out",
    "named_folder",
    "parse_bytes",
    "parse_file",
    "parse_in_process",
    "parse_sidecars",
    "plan_episode",
    "read_siblings",
    "read_sidecars",
    "remember",
    "remove_folder",
    "write_plan",
]
