"""Editions in a Milvus database: the same is found as in the files, and a kill while publishing loses nothing."""

from __future__ import annotations

import asyncio
import random
import shutil
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from indexed_sample import ROOT
from milvus_server import MilvusServer
from small_library import AXIS, SmallLibrary, WordCounts, make_opener

from bot.app.container import make_store
from bot.app.edition_session import EditionOpener
from bot.app.service import LocalLibraryService
from bot.app.settings import Settings
from bot.app.store_follower import StoreFollower, fetch_from
from bot.i18n.message_catalogue import MessageCatalogue
from index.errors import EditionDamaged, EditionMissing, StoreMissing, StoreNotSet, StoreUnavailable
from index.search.filters import Filters
from index.storage import queries
from index.storage.bm25 import BM25Index, WordSearch
from index.storage.columns import Columns
from index.storage.edition import current_name, editions_folder, open_edition, read_facts, verify
from index.storage.segments import folders_of
from index.storage.store_address import StoreAddress
from index.storage.vectors import Conditions
from index.storage.vocabulary import EditionVocabulary
from scoring.axis import load_axis
from scoring.scorer import LexicalScorer

from .test_bm25 import postings_of

if TYPE_CHECKING:
    from index.storage.milvus import MilvusStore

MUTATIONS = (
    "create_collection", "insert", "flush", "create_index", "load_collection", "create_alias", "alter_alias",
    "drop_collection",
)  # fmt: skip
DYING = f"""
import asyncio, os, signal, sys
from pathlib import Path
from index.storage.edition import open_edition
from index.storage.milvus import MilvusStore
from index.storage.store_address import StoreAddress

class Dying:
    def __init__(self, client, after):
        self.client, self.left = client, after
    def __getattr__(self, name):
        real = getattr(self.client, name)
        if name not in {MUTATIONS!r}:
            return real
        def call(*given, **named):
            found = real(*given, **named)
            self.left -= 1
            if self.left == 0:
                os.kill(os.getpid(), signal.SIGKILL)
            return found
        return call

async def publish(address, state, after):
    edition = await open_edition(Path(state))
    store = MilvusStore(StoreAddress.of(address))
    store.connection.__dict__["client"] = Dying(store.connection.client, after)
    store.publish(edition)
    await edition.close()

for line in sys.stdin:  # a copy of this process, which has no connection yet, dies for each line
    address, state, after = line.split()
    child = os.fork()
    if child == 0:
        try:
            asyncio.run(publish(address, state, int(after)))
        except BaseException:
            import traceback
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    print(os.waitpid(child, 0)[1], flush=True)
"""


def store_at(address: str) -> MilvusStore:
    from index.storage.milvus import MilvusStore  # noqa: PLC0415 - an extra

    return MilvusStore(StoreAddress.of(address))


@pytest.fixture
def address(milvus: MilvusServer) -> str:
    return milvus.fresh_address()


@pytest.fixture
def store(address: str) -> Iterator[MilvusStore]:
    made = store_at(address)
    yield made
    made.close()


@pytest.fixture
async def library(tmp_path: Path) -> SmallLibrary:
    made = SmallLibrary.of_two(tmp_path / "here")
    await made.build()
    return made


async def publish(store: MilvusStore, state: Path) -> bool:
    edition = await open_edition(state)
    try:
        return await asyncio.to_thread(store.publish, edition)
    finally:
        await edition.close()


async def assert_whole(store: MilvusStore, state: Path, replica: Path) -> None:
    """The store's published edition is that of the state folder ``state``, to the last vector, word and row."""
    assert store.fetch(replica) == current_name(state)
    whole, copy = await open_edition(state), await open_edition(replica, store=store)
    try:
        rows = np.arange(whole.facts.n_windows)
        assert len(copy.vectors) == len(rows)
        assert np.array_equal(copy.vectors.take(rows[::-1]), whole.vectors.take(rows[::-1]))
        assert copy.facts == replace(whole.facts, checksums=copy.facts.checksums, is_replica=True)
        verify(replica, copy.name)
        assert isinstance(whole.postings, BM25Index)
        assert_same_words(copy.postings, whole.postings)
        assert copy.episodes.keys() == whole.episodes.keys()
        for number in whole.episodes:
            assert await copy.slices.of_episode(number) == await whole.slices.of_episode(number)
        for ask in (queries.speakers, queries.appearances, queries.headings, queries.unsure_slices):
            assert await ask(copy.connection) == await ask(whole.connection)
    finally:
        await whole.close()
        await copy.close()


def assert_same_words(found: WordSearch, expected: BM25Index) -> None:
    """Both know the same of every stem and slice."""
    stems, places = [*expected.frequencies(), "absent"], np.arange(len(expected))[::-1]
    assert len(found) == len(expected)
    assert found.lengths().tolist() == expected.lengths().tolist()
    assert [found.frequency(stem) for stem in stems] == [expected.frequency(stem) for stem in stems]
    assert [found.idf(stem) for stem in stems] == [expected.idf(stem) for stem in stems]
    assert np.array_equal(found.held(stems, places), expected.held(stems, places))
    said = found.said()
    assert said.keys() == expected.said().keys()
    for stem, lists in expected.said().items():
        assert [part.tolist() for part in said[stem]] == [part.tolist() for part in lists]


def collections(store: MilvusStore) -> set[str]:
    return {name.removeprefix("counterpoint_") for name in store.connection.collections()}


def both_of(*editions: str) -> set[str]:
    return {
        f"{kind}_{name.replace('-', '_')}" for name in editions for kind in ("windows", "slices", "pieces")
    }


async def test_an_edition_is_published_fetched_and_replaced(
    library: SmallLibrary, store: MilvusStore, tmp_path: Path
) -> None:
    assert store.current() is None
    assert store.fetch(tmp_path / "there") is None
    assert await publish(store, library.state)
    assert not await publish(store, library.state), "it is there already"
    await assert_whole(store, library.state, tmp_path / "there")
    assert store.fetch(tmp_path / "there") is None
    editions = [store.current() or ""]
    for slug in ("the-mill", "the-lamp"):
        library.write(slug, f"The people of {slug} carry the water")
        editions.append(await library.build())
        assert await publish(store, library.state)
        await assert_whole(store, library.state, tmp_path / "there")
    assert collections(store) == both_of(*editions[1:]), (
        "the one before is kept, for who still answers from it"
    )
    assert store.fetch(library.state) is None, "where it was built it stays as it is"
    assert not read_facts(library.state, editions[-1]).is_replica


@pytest.fixture
async def answering(
    library: SmallLibrary, store: MilvusStore, tmp_path: Path
) -> AsyncIterator[tuple[LocalLibraryService, LocalLibraryService]]:
    """Two that answer from the same edition: from files, and from the store."""
    library.write("the-mill", "<v Ada Mill>The people of the mill carry the water over the dam")
    await library.build()
    await publish(store, library.state)
    counts = WordCounts()
    opener = EditionOpener(
        tmp_path / "there",
        lambda _: counts,
        lambda _: LexicalScorer.load(AXIS),
        load_axis(AXIS),
        store=store,
        fetch=lambda: store.fetch(tmp_path / "there"),
    )
    services = LocalLibraryService(make_opener(library.state)), LocalLibraryService(opener)
    yield services
    for service in services:
        await service.close()


@pytest.mark.parametrize(
    "limits",
    [
        {},
        {"episode": "the-dam"},
        {"filters": Filters(band="Risk-forward")},
        {"filters": Filters(lens="societal")},
        {"filters": Filters(speaker="ada")},
        {"filters": Filters(speaker="ada", band="Mixed")},
        {"filters": Filters(speaker="nobody of this name")},
        {"episode": "the-school", "n_passages": 1},
    ],
)
async def test_what_is_found_in_the_store_is_what_is_found_in_the_files(
    answering: tuple[LocalLibraryService, LocalLibraryService], limits: dict[str, object]
) -> None:
    embedded, stored = answering
    n_found = 0
    for question in ("the danger of the dam", "hope in the valley", "river", "a question of nobody"):
        here, there = await embedded.find(question, **limits), await stored.find(question, **limits)  # type: ignore[arg-type]
        assert [(p.episode.slug, p.slices, p.quote) for p in here.passages] == [
            (p.episode.slug, p.slices, p.quote) for p in there.passages
        ]
        assert [p.score for p in here.passages] == pytest.approx([p.score for p in there.passages], abs=1e-3)
        n_found += len(here.passages)
    assert (n_found > 0) == ("nobody" not in str(limits))


WORDS = [f"{letter}{number}" for letter in "abcdef" for number in range(9)]


def texts_of(draw: random.Random, n_slices: int) -> list[tuple[str, str, str]]:
    """Text, heading and description of slices, with some words in most of them; one says nothing."""
    made = [
        tuple(" ".join(draw.choices(WORDS, range(1, 55), k=draw.randint(*most))) for most in LENGTHS)
        for _ in range(n_slices - 1)
    ]
    return [*made, ("…", "", "")]  # type: ignore[list-item]


LENGTHS = ((1, 40), (0, 4), (0, 9))


def in_store(store: MilvusStore, words: BM25Index, slice_id: list[int]) -> WordSearch:
    """Store these words, each slice in an episode of its own, as publishing does."""
    from index.storage.milvus import _FILTERS, _piece  # noqa: PLC0415 - an extra
    from index.storage.milvus_connection import INTEGER, SPARSE_VECTOR, TEXT, dense_vector  # noqa: PLC0415
    from index.storage.milvus_search import MilvusWords, pieces_of_list, sparse_vectors  # noqa: PLC0415

    frequencies, firsts, pieces = words.frequencies(), [0], []
    for stem in frequencies:
        pieces += pieces_of_list(*words.saying(stem))
        firsts.append(len(pieces))
    vocabulary = EditionVocabulary.of(frequencies, firsts, words.lengths())
    vectors = sparse_vectors(words.stems_of(0, len(words), vocabulary.numbers))
    rows = [
        {"slice": number, "episode": number, "band": 0, "lens": 0, "row": "", "words": dict(vector)}
        for number, vector in zip(slice_id, vectors, strict=True)
    ]
    shapes = {"number": INTEGER, "file": TEXT, "data": TEXT, "vector": dense_vector(2)}
    stored = [_piece(number, "", data) for number, data in enumerate(pieces)]
    for name, fields, given, kind in (
        ("slices", {**_FILTERS, "row": TEXT, "words": SPARSE_VECTOR}, rows, "SPARSE_INVERTED_INDEX"),
        ("pieces", shapes, stored, "FLAT"),
    ):
        list(store.connection.fill(name, fields, given, index_type=kind, metric_type="IP", params={}))
    columns = replace(Columns.empty(2), slice_id=np.array(slice_id, np.int64))
    return MilvusWords(store.connection, "slices", "pieces", vocabulary, columns)


async def test_words_in_the_store_are_those_in_the_files(
    store: MilvusStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """BM25 to the rounding of float32, with groups that stand together and with limits, over two segments."""
    pytest.importorskip("pymilvus")
    monkeypatch.setattr("index.storage.milvus_search.PIECE_BYTES", 20)
    draw = random.Random(21)
    kept = np.array([draw.random() < 0.8 for _ in range(40)])
    words = BM25Index((postings_of(texts_of(draw, 40)), kept), (postings_of(texts_of(draw, 30)), None))
    slice_id = sorted(draw.sample(range(1, 1000), len(words)))
    stored = in_store(store, words, slice_id)
    assert_same_words(stored, words)
    for _ in range(40):
        stems = draw.choices([*WORDS, "absent"], k=draw.randint(0, 6))
        together = [draw.choices([*stems, *WORDS[-9:]], k=2) for _ in range(draw.randint(0, 3))]
        limit, among = draw.choice([3, 20, 1000]), draw.choice([None, sorted(draw.sample(slice_id, 25))])
        allowed = None if among is None else np.isin(slice_id, among)
        where = None if among is None else Conditions(slices=tuple(among))
        places, scores = stored.best(stems, limit, together=together, allowed=allowed, where=where)
        everything = dict(zip(*words.best(stems, 1000, together=together, allowed=allowed), strict=True))
        assert len(places) == min(limit, len(everything))
        assert scores.tolist() == pytest.approx(sorted(everything.values(), reverse=True)[:limit], abs=2e-3)
        assert scores.tolist() == pytest.approx([everything[place] for place in places], abs=2e-3)
        assert stored.saying_all(stems).tolist() == words.saying_all(stems).tolist()
        assert stored.saying_all(stems).tolist() == words.saying_all(stems).tolist(), (
            "once more, as it is kept"
        )
    nowhere = np.zeros(len(words), bool)
    assert len(stored.best(["a1"], 9, allowed=nowhere, where=Conditions(slices=(0,)))[0]) == 0


async def test_an_edition_of_two_segments_is_published_as_a_whole(
    library: SmallLibrary, store: MilvusStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its rows take several texts each, as a slice does whose words never end."""
    from index.storage.milvus_search import packed_row  # noqa: PLC0415 - an extra

    monkeypatch.setattr("index.storage.milvus.packed_row", partial(packed_row, most_characters=300))
    monkeypatch.setattr("index.storage.segments.SCANNED_WHOLE", -1)
    monkeypatch.setattr("index.storage.segments._LARGEST_SHARE", 10.0)
    library.write("the-mill", "<v Ada Mill>The people of the mill carry the water over the dam")
    shutil.rmtree(library.library / "the-school")
    name = await library.build()
    assert len(folders_of(editions_folder(library.state) / name)) == 2
    await publish(store, library.state)
    await assert_whole(store, library.state, tmp_path / "there")
    assert not [*(tmp_path / "there").rglob("*.faiss"), *(tmp_path / "there").rglob("postings.npy")]


async def test_texts_are_read_from_the_store_once(
    answering: tuple[LocalLibraryService, LocalLibraryService],
    store: MilvusStore,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    store.fetch(tmp_path / "there")
    edition = await open_edition(tmp_path / "there", store=store)
    asked: list[object] = []
    real = store.connection.client.get
    monkeypatch.setattr(store.connection.client, "get", lambda *a, **k: asked.append(a) or real(*a, **k))
    ids = edition.columns.slice_id.tolist()
    first = await edition.slices.by_id([*ids, *ids, 10_000])
    assert list(first) == ids
    assert await edition.slices.by_id(ids[::-1]) == first
    assert len(asked) == 1
    await edition.close()


def test_conditions_are_written_in_the_language_of_the_server() -> None:
    pytest.importorskip("pymilvus")
    from index.storage.milvus_search import expression_of  # noqa: PLC0415 - an extra

    assert expression_of(None) == expression_of(Conditions()) == ""
    assert expression_of(Conditions((1, 2), band=0, lens=3, slices=(7,))) == (
        "episode in [1,2] and slice in [7] and band == 0 and lens == 3"
    )


@pytest.fixture
def publisher(milvus: MilvusServer) -> Iterator[Callable[[str, Path, int], int]]:
    """Publishes in another process that dies after so many changes; returns its status."""
    process = subprocess.Popen(
        [sys.executable, "-c", DYING], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT
    )
    assert process.stdin is not None
    assert process.stdout is not None

    def publish_and_die(address: str, state: Path, after: int) -> int:
        assert process.stdin is not None
        assert process.stdout is not None
        print(address, state, after, file=process.stdin, flush=True)
        return int(process.stdout.readline())

    yield publish_and_die
    process.kill()
    process.wait()
    process.stdin.close()
    process.stdout.close()


async def test_a_kill_at_any_point_of_publishing_loses_nothing(
    library: SmallLibrary,
    address: str,
    store: MilvusStore,
    publisher: Callable[[str, Path, int], int],
    tmp_path: Path,
) -> None:
    """Each call that changes the store is once the last thing that the publishing program did."""
    older = tmp_path / "older"
    library.state.rename(older)
    await publish(store, older)
    before = current_name(older)
    assert before is not None
    library.write("the-mill", "The people of the mill carry the water")
    newer = await library.build()
    found: list[str] = []
    while (status := await asyncio.to_thread(publisher, address, library.state, len(found) + 1)) != 0:
        assert status == signal.SIGKILL
        found.append(store.current() or "")
        published = older if found[-1] == before else library.state
        await assert_whole(store, published, tmp_path / f"there-{len(found)}")
        assert await publish(store, library.state) is (found[-1] == before), "the next run mends it"
        assert store.current() == newer
        assert collections(store) == both_of(before, newer)
        if len(found) % 6 == 0:
            await assert_whole(store, library.state, tmp_path / f"mended-{len(found)}")
        take_back(store, before)
    assert len(found) >= 16
    assert {*found} == {before, newer}
    assert found == sorted(found), "once moved, the alias stays"


def take_back(store: MilvusStore, edition: str) -> None:
    """Make the store as it was when this edition was published first."""
    from index.storage.milvus import _WINDOWS, ALIAS, _collection  # noqa: PLC0415 - an extra

    store.connection.point(ALIAS, _collection(_WINDOWS, edition), is_new=False)
    store._drop_all_but({edition})


async def test_who_answers_turns_to_the_next_edition_by_itself(
    library: SmallLibrary, store: MilvusStore, tmp_path: Path
) -> None:
    await publish(store, library.state)
    follower = StoreFollower(store, tmp_path / "there", looks_every_s=0.02)
    follower.start()
    try:
        while not follower.has_looked:  # noqa: ASYNC110 - nor does the follower
            await asyncio.sleep(0.01)
        assert current_name(tmp_path / "there") == store.current()
        library.write("the-mill", "The people of the mill carry the water")
        newer = await library.build()
        await publish(store, library.state)
        while current_name(tmp_path / "there") != newer:  # noqa: ASYNC110 - a file tells nobody
            await asyncio.sleep(0.01)
    finally:
        follower.stop()


async def test_a_store_that_does_not_answer_is_told_by_its_address_alone(
    library: SmallLibrary, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("pymilvus")
    monkeypatch.setattr("index.storage.milvus_connection._WITHIN_S", 0.2)
    store = store_at("milvus://bot:secret@127.0.0.1:9/x")
    with pytest.raises(StoreUnavailable) as refused:
        fetch_from(store, tmp_path / "there")
    said = MessageCatalogue.load().error(refused.value)
    assert "milvus://127.0.0.1:9/x" in said
    assert "secret" not in said
    fetch_from(store, library.state)  # where an edition is, it answers


async def test_a_replica_without_a_store_says_what_is_missing(
    library: SmallLibrary, store: MilvusStore, tmp_path: Path
) -> None:
    await publish(store, library.state)
    replica = tmp_path / "there"
    store.fetch(replica)
    with pytest.raises(StoreNotSet) as missing:
        await open_edition(replica)
    assert "COUNTERPOINT_STORE" in MessageCatalogue.load().error(missing.value)


async def test_what_arrives_damaged_is_not_published(
    library: SmallLibrary, store: MilvusStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await publish(store, library.state)
    monkeypatch.setattr("index.storage.milvus._PIECES_AT_ONCE", 1)  # each piece by a request of its own
    real = store.connection.client.get

    def cut(collection: str, ids: list[int], **more: object) -> object:
        return [] if ids == [2] else real(collection, ids, **more)

    monkeypatch.setattr(store.connection.client, "get", cut)
    with pytest.raises(EditionDamaged):
        store.fetch(tmp_path / "there")
    with pytest.raises(EditionMissing):
        await open_edition(tmp_path / "there")
    assert list(editions_folder(tmp_path / "there").iterdir()) == []


def test_without_the_package_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("milvus", "milvus_connection", "milvus_search"):
        monkeypatch.delitem(sys.modules, f"index.storage.{module}", raising=False)
    monkeypatch.setitem(sys.modules, "pymilvus", None)
    with pytest.raises(StoreMissing) as missing:
        make_store(Settings(store="milvus://store.example", _env_file=None))
    assert "counterpoint[milvus]" in MessageCatalogue.load().error(missing.value)


@pytest.mark.parametrize(
    ("written", "uri", "shown"),
    [
        ("milvus://store", "http://store:19530", "milvus://store:19530"),
        ("milvuss://u:p%40ss@[::1]:5/library", "https://[::1]:5", "milvus://::1:5/library"),
    ],
)
def test_an_address_is_read(written: str, uri: str, shown: str) -> None:
    address = StoreAddress.of(written)
    assert (address.uri, address.shown) == (uri, shown)
    assert "p@ss" not in repr(address)


@pytest.mark.parametrize(
    "written", ["http://x", "milvus://", "milvus://x/a/b", "milvus://x/?y", "milvus://x:y"]
)
def test_what_is_no_address_is_refused_without_its_password(written: str) -> None:
    with pytest.raises(ValueError, match="store") as wrong:
        Settings(store=written.replace("//", "//bot:secret@"), _env_file=None)
    assert "secret" not in str(wrong.value.errors(include_url=False, include_input=False))  # type: ignore[attr-defined]
