"""Tables of an edition's SQLite files, shared by ``writer`` and ``queries``."""

from index.text.boilerplate import BOILERPLATE_VERSION
from index.text.tokens import TOKENS_VERSION

SCHEMA_VERSION = 800 + 20 * BOILERPLATE_VERSION + TOKENS_VERSION
"""Of what an edition's files hold. They hold stems, and what is boilerplate, so it changes with these rules, too."""

SCHEMA = """
CREATE TABLE episode (
    id INTEGER PRIMARY KEY, slug TEXT NOT NULL UNIQUE, digest TEXT NOT NULL, stamp TEXT, title TEXT NOT NULL,
    source TEXT, shelf TEXT, video_id TEXT, published TEXT, about TEXT NOT NULL, assessment TEXT,
    profile TEXT NOT NULL, is_timed INTEGER NOT NULL, is_heard INTEGER NOT NULL, n_segments INTEGER NOT NULL,
    counts TEXT NOT NULL
);
CREATE INDEX episode_seen ON episode (slug, digest, stamp);
CREATE INDEX episode_video ON episode (video_id);
CREATE TABLE slice (
    id INTEGER PRIMARY KEY, episode INTEGER NOT NULL REFERENCES episode ON DELETE CASCADE, ordinal INTEGER NOT NULL,
    text TEXT NOT NULL, start_s REAL, end_s REAL, speaker TEXT, chapter TEXT, unit_ends BLOB NOT NULL,
    anchors BLOB NOT NULL, turns TEXT NOT NULL, position REAL NOT NULL, band TEXT NOT NULL, lens TEXT NOT NULL,
    confidence TEXT NOT NULL, reason TEXT NOT NULL, drivers TEXT NOT NULL, rest REAL NOT NULL
);
CREATE TABLE word_pieces (slice INTEGER PRIMARY KEY REFERENCES slice ON DELETE CASCADE, data BLOB NOT NULL);
CREATE UNIQUE INDEX slice_place ON slice (episode, ordinal);
CREATE TABLE word (
    word TEXT PRIMARY KEY, sound TEXT NOT NULL, written INTEGER NOT NULL, heard INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX word_misheard ON word (sound) WHERE written = 0;
CREATE TABLE word_vector (stem TEXT PRIMARY KEY, vector BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE term (term TEXT PRIMARY KEY, episodes INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
"""

SCHEMA_BESIDE = f"""{SCHEMA}
CREATE TABLE gone (episode INTEGER PRIMARY KEY);
CREATE TABLE restamped (slug TEXT PRIMARY KEY, stamp TEXT NOT NULL) WITHOUT ROWID;
"""
"""Tables of a second segment: its own rows, which episodes of the file below are gone, and newer stamps of those that
stay. A word or term here replaces that of the file below; its count is 0 where it no longer occurs."""

VIEWS_OF_BOTH = """
CREATE TEMP VIEW episode AS
    SELECT * FROM below.episode WHERE id NOT IN (SELECT episode FROM main.gone)
    UNION ALL SELECT * FROM main.episode;
CREATE TEMP VIEW slice AS
    SELECT * FROM below.slice WHERE episode NOT IN (SELECT episode FROM main.gone)
    UNION ALL SELECT * FROM main.slice;
CREATE TEMP VIEW word_pieces AS SELECT * FROM below.word_pieces UNION ALL SELECT * FROM main.word_pieces;
CREATE TEMP VIEW word AS
    SELECT * FROM below.word WHERE word NOT IN (SELECT word FROM main.word)
    UNION ALL SELECT * FROM main.word WHERE written > 0 OR heard > 0;
CREATE TEMP VIEW word_vector AS SELECT * FROM below.word_vector UNION ALL SELECT * FROM main.word_vector;
CREATE TEMP VIEW term AS
    SELECT * FROM below.term WHERE term NOT IN (SELECT term FROM main.term)
    UNION ALL SELECT * FROM main.term WHERE episodes > 0;
"""
"""Views over both files, under the names of the tables of a single file."""

SLICE_COLUMNS = (
    "id, episode, ordinal, text, start_s, end_s, speaker, chapter, unit_ends, anchors, turns, "
    "position, band, lens, confidence, reason, drivers, rest"
)
"""Columns of the table ``slice`` that a slice is read from, in the order in which they are written."""

WITH_PIECES = f"{SLICE_COLUMNS}, (SELECT data FROM word_pieces WHERE slice = id) AS pieces"  # noqa: S608
"""The same with the slice's word pieces (``encoder.WordPieces``) or null, as a query's columns."""

WITHOUT_TEXTS = """
UPDATE slice SET text = '', unit_ends = x'', anchors = x'', reason = '', drivers = '[]';
DELETE FROM word_pieces;
"""
"""Takes from the slices what they are shown with, and leaves what is asked of all of them: who speaks, under which
heading, how surely each was read."""
