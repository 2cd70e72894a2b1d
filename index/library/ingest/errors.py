"""Errors of taking files in. Each carries its code and data; the catalogue in bot has the sentence."""

from index.errors import IndexingError, TranscriptRejected


class FileUnreadable(TranscriptRejected):
    """A file is missing, a folder, no plain file, or not permitted. Fields: ``file``, ``line`` (None), ``problem``."""

    code = "file_unreadable"


class WishInvalid(IndexingError):
    """What a person said about an episode cannot be. Fields: ``field``, ``received``."""

    code = "wish_invalid"


class LibraryChanged(IndexingError):
    """An episode was changed by someone else since it was planned; plan again. Fields: ``slug``."""

    code = "library_changed"
