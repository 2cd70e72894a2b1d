"""Claims about what is embedded where the encoder gives word pieces, too."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from index.build.preparation import Models, _is_guests, finish, n_to_embed, prepare
from index.embedding.encoder import Vectors, WordPieces
from index.library.episodes import EpisodeFile
from index.storage.queries import Seen
from index.text.slicing import Slice
from scoring.reading import Driver, Reading
from scoring.scorer import LexicalScorer

from ..conftest import AXIS, House, WordEncoder

TALK = "The river rose at night and took the bridge. She shot at it with a rifle until it caught fire. " * 40


class PieceEncoder(WordEncoder):
    """Words' directions, each word a piece."""

    pieces_version = "words"

    def encode_with_pieces(
        self,
        texts: Sequence[str],
        take: Callable[[int, WordPieces], None],
        *,
        progress: Callable[[int], None] | None = None,
    ) -> Vectors:
        for row, text in enumerate(texts):
            vectors = np.array([self.encode([word])[0] for word in text.split()], np.float32)
            take(
                row,
                WordPieces(
                    vectors, np.ones(len(vectors), np.float32), np.arange(len(vectors), dtype=np.uint16)
                ),
            )
        self.embedded.clear()
        return self.encode(texts, progress=progress)


def test_whole_slices_are_embedded_again_for_their_pieces_and_the_rest_is_taken_over(house: House) -> None:
    house.put("rivers", TALK)
    prepared = prepare(house.library, "rivers", Seen("digest", None))
    encoder = PieceEncoder()
    scorer = LexicalScorer.load(Path(AXIS))
    models = Models(encoder, scorer, scorer.axis)
    (new,) = finish([prepared], models)
    assert len(new.rows.pieces) == len(prepared.slices) > 1
    assert all(new.rows.pieces)
    assert new.n_embedded == len(prepared.keys)
    is_known = np.ones(len(prepared.keys), bool)
    is_known.setflags(write=False)  # as another process gets it
    (again,) = finish([prepared], models, (is_known, new.vectors.astype(np.float32)))
    assert again.rows.pieces == new.rows.pieces
    assert np.array_equal(again.vectors, new.vectors)
    assert encoder.embedded == [piece.text for piece in prepared.slices]
    assert again.n_embedded == len(prepared.slices) < len(prepared.keys)
    assert again.n_embedded == n_to_embed([prepared], encoder, (is_known, new.vectors.astype(np.float32)))
    assert n_to_embed([prepared], encoder, None) == len(prepared.keys)
    assert n_to_embed([prepared], WordEncoder(), (is_known, new.vectors.astype(np.float32))) == 0


def test_no_marker_stands_where_a_host_says_most_or_the_strongest_phrase() -> None:
    asked, said = "Suppose that a boat hits the rocks.", "Our boats come close to them, as every pilot knows."
    text = f"{asked} {said}"
    turns = ((0, "Ines Vale"), (len(asked) + 1, "Rufus Oke"))
    piece = Slice(0, text, None, None, "Ines Vale", None, (len(asked), len(text)), (), turns)
    about = EpisodeFile(title="A talk", hosts=("Ines Vale",))

    def pulled_by(phrase: str) -> Reading:
        at = text.index(phrase)
        driver = Driver(phrase, -40.0, "phrase", at, at + len(phrase))
        return Reading(-40.0, "Risk-forward", "technical", "high", "leans", (driver,))

    assert _is_guests(about, piece, pulled_by("close to them"))
    assert not _is_guests(about, piece, pulled_by("hits the rocks"))
    assert not _is_guests(
        EpisodeFile(title="A talk", hosts=("Rufus Oke",)), piece, pulled_by("hits the rocks")
    )
    assert _is_guests(EpisodeFile(title="A talk"), piece, pulled_by("hits the rocks")), (
        "nobody knows who asks"
    )
