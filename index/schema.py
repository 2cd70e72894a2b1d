"""The tables of an edition's SQLite file: what is written and what is asked agree on them here."""

SCHEMA_VERSION = 4

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
CREATE UNIQUE INDEX slice_place ON slice (episode, ordinal);
CREATE TABLE word (
    word TEXT PRIMARY KEY, sound TEXT NOT NULL, written INTEGER NOT NULL, heard INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX word_misheard ON word (sound) WHERE written = 0;
CREATE TABLE term (term TEXT PRIMARY KEY, episodes INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
"""

SLICE_COLUMNS = (
    "id, episode, ordinal, text, start_s, end_s, speaker, chapter, unit_ends, anchors, turns, "
    "position, band, lens, confidence, reason, drivers, rest"
)
"""Of the table ``slice``, in the order in which they are written and read."""
