"""Editions in a Milvus database: the same is found as in the files, and a kill while publishing loses nothing."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import replace
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
from index.search.answers import Filters
from index.storage.edition import current_name, editions_folder, open_edition, read_facts, verify
from index.storage.store_address import StoreAddress
from index.storage.vectors import Conditions
from scoring.axis import load_axis
from scoring.scorer import LexicalScorer

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
    store.__dict__["client"] = Dying(store.client, after)
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
    """The store's published edition is that of the state folder ``state``, to the last vector."""
    assert store.fetch(replica) == current_name(state)
    whole, copy = await open_edition(state), await open_edition(replica, vectors_in_store=store.vectors)
    try:
        rows = np.arange(whole.facts.n_windows)
        assert len(copy.vectors) == len(rows)
        assert np.array_equal(copy.vectors.take(rows[::-1]), whole.vectors.take(rows[::-1]))
        kept = {name: sum_ for name, sum_ in whole.facts.checksums.items() if "windows" not in name}
        assert copy.facts == replace(whole.facts, checksums=kept, is_replica=True)
        verify(replica, copy.name)
    finally:
        await whole.close()
        await copy.close()


def collections(store: MilvusStore) -> set[str]:
    return {name.removeprefix("counterpoint_") for name in store.client.list_collections()}


def both_of(*editions: str) -> set[str]:
    return {f"{kind}_{name.replace('-', '_')}" for name in editions for kind in ("windows", "files")}


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
        vectors_in_store=store.vectors,
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


def test_conditions_are_written_in_the_language_of_the_server() -> None:
    pytest.importorskip("pymilvus")
    from index.storage.milvus import expression_of  # noqa: PLC0415 - an extra

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
    milvus: MilvusServer,
    publisher: Callable[[str, Path, int], int],
    tmp_path: Path,
) -> None:
    """Each call that changes the store is once the last thing that the publishing program did."""
    older = tmp_path / "older"
    library.state.rename(older)
    library.write("the-mill", "The people of the mill carry the water")
    newer = await library.build()
    before = current_name(older)
    assert before is not None
    found: list[str] = []
    while True:
        address = milvus.fresh_address()
        store = store_at(address)
        await publish(store, older)
        status = await asyncio.to_thread(publisher, address, library.state, len(found) + 1)
        if status == 0:
            break
        assert status == signal.SIGKILL
        found.append(store.current() or "")
        published = older if found[-1] == before else library.state
        await assert_whole(store, published, tmp_path / f"there-{len(found)}")
        assert await publish(store, library.state) is (found[-1] == before), "the next run mends it"
        await assert_whole(store, library.state, tmp_path / f"mended-{len(found)}")
        assert collections(store) == both_of(before, newer)
        store.close()
    assert len(found) >= 11
    assert {*found} == {before, newer}
    assert found == sorted(found), "once moved, the alias stays"


async def test_who_answers_turns_to_the_next_edition_by_itself(
    library: SmallLibrary, store: MilvusStore, tmp_path: Path
) -> None:
    await publish(store, library.state)
    follower = StoreFollower(store, tmp_path / "there", looks_every_s=0.02)
    follower.start()
    try:
        assert current_name(tmp_path / "there") == store.current(), "the first is waited for"
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
    monkeypatch.setattr("index.storage.milvus._WITHIN_S", 0.2)
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
    edition = await open_edition(replica)
    assert len(edition.episodes) == 2
    with pytest.raises(StoreNotSet) as missing:
        edition.vectors.take(np.arange(1))
    await edition.close()
    assert "COUNTERPOINT_STORE" in MessageCatalogue.load().error(missing.value)


async def test_what_arrives_damaged_is_not_published(
    library: SmallLibrary, store: MilvusStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await publish(store, library.state)
    monkeypatch.setattr("index.storage.milvus._PIECES_AT_ONCE", 1)  # each piece by a request of its own
    real = store.client.get

    def cut(collection: str, ids: list[int], **more: object) -> object:
        return [] if ids == [2] else real(collection, ids, **more)

    monkeypatch.setattr(store.client, "get", cut)
    with pytest.raises(EditionDamaged):
        store.fetch(tmp_path / "there")
    with pytest.raises(EditionMissing):
        await open_edition(tmp_path / "there")
    assert list(editions_folder(tmp_path / "there").iterdir()) == []


def test_without_the_package_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "index.storage.milvus", raising=False)
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
