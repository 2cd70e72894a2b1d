"""The composition root: settings become the parts that work together."""

import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from threadpoolctl import threadpool_limits

from bot.app.edition_session import EditionOpener
from bot.app.freed_memory import limit_arenas, return_blocks
from bot.app.limiter import RequestLimiter
from bot.app.service import LocalLibraryService
from bot.app.settings import ENCODERS, Settings
from bot.app.store_follower import StoreFollower, fetch_from
from bot.app.workers.pool import WorkerPool
from bot.app.workers.pooled_service import PooledLibraryService
from index.build.builder import Builder, PublishInStore
from index.build.episode_workers import EpisodeWorkers, ThisProcess
from index.build.judge_stage import JudgeOptions
from index.build.preparation import Models
from index.embedding.encoder import Encoder, ServingEncoder
from index.embedding.model_export import export_model, load_cross_encoder, model_folder
from index.embedding.model_export import fingerprint as fingerprint_of
from index.embedding.served_stance_model import ServedStanceModel
from index.embedding.stance_weights import stance_calibration, stance_fingerprint
from index.embedding.token_projection import fingerprint_in, read_projections
from index.errors import EditionMismatch, ModelUnavailable, RayMissing, StoreMissing
from index.files import make_folder, replace_file, write_synced
from index.judge import ChatJudge
from index.training.semantic_reader_training import LEAST_STATEMENTS, check_record, train
from scoring.axis import Axis, load_axis
from scoring.contested_questions import read_contested_questions
from scoring.crux_gate import CruxGate
from scoring.reading import Scorer
from scoring.scorer import CombinedScorer, LexicalScorer
from scoring.semantic import SemanticReader
from scoring.stance import StanceScorer
from scoring.statements import read_statements

if TYPE_CHECKING:
    from index.library.sources import EpisodeSources, Fetcher
    from index.library.sources.transcription import Transcriber
    from index.storage.milvus import MilvusStore

_SWITCH_S = 0.0005
_MOST_THREADS = 8
_SLOW_S = 0.5
_PICTURE_BYTES = 256 << 10
_ANSWER_LIMIT_S = 20.0
_EXPORTS_WITHIN_S = 120.0  # less than a worker has to start
_SERVICE_MODEL, _LOCAL_MODEL = "whisper-1", "small"
_RERANKING_TAKES = 4
"""Times that a question may take longer where a cross-encoder reads its best candidates."""


def models_folder(settings: Settings) -> Path:
    """Return the folder of exported models."""
    return settings.state_folder / "models"


def open_encoder(settings: Settings, export: str | None = None) -> Encoder:
    """Return the encoder of the configured model, exported first if need be.

    Args:
        settings: names the model.
        export: name of the export that an edition was built with; it is opened without loading PyTorch.

    Raises:
        ModelUnavailable: it cannot be had, or its export is damaged.
        EditionMismatch: that export is of another model than the configured one.
    """
    if export is not None:
        folder = models_folder(settings) / export
        facts = folder / "serving.json"
        if facts.is_file():
            _check_model(settings, facts, fingerprint_in(export))
            return ServingEncoder(folder, precision=settings.precision, threads=settings.threads)
    folder = export_model(settings.model, models_folder(settings), read_projections(ENCODERS))
    return ServingEncoder(folder, precision=settings.precision, threads=settings.threads)


def _check_model(settings: Settings, facts: Path, wanted: str) -> None:
    """Check that the configured model is the one that ``facts`` name; one model may have several names.

    Raises:
        EditionMismatch, ModelUnavailable: it is another one; the file of facts is damaged.
    """
    try:
        name = json.loads(facts.read_text(encoding="utf-8"))["name"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelUnavailable(model=str(facts.parent), problem="missing or unreadable") from error
    if name == settings.model:
        return
    folder = model_folder(settings.model)
    if folder is None or fingerprint_of(folder) != wanted:
        raise EditionMismatch(what="model", edition_has=name, running_has=settings.model)


def make_axis(settings: Settings) -> Axis:
    """Return the axis that positions are read on."""
    return load_axis(settings.axis_folder)


def reader_file(settings: Settings, fingerprint: str) -> Path:
    """Return the file of the semantic reader: with the axis for the packaged model, else in the state folder."""
    shipped = settings.axis_folder / "reader.npz"
    if shipped.is_file() and SemanticReader.load(shipped).fingerprint == fingerprint:
        return shipped
    return settings.state_folder / "readers" / f"{settings.axis_folder.name}-{fingerprint}.npz"


def make_scorer(settings: Settings, fingerprint: str) -> Scorer:
    """Return the axis's scorer: by its stance model, else by a reader of an encoder's vectors, else by words alone.

    Raises:
        AxisDataInvalid: a file of the axis is broken.
    """
    by_words = LexicalScorer.load(settings.axis_folder)
    stance = settings.stance_file
    if settings.stance or stance.is_file():
        model = ServedStanceModel(
            stance, models_folder(settings), precision=settings.precision, threads=settings.threads
        )
        return StanceScorer(by_words.axis, by_words.lexicon, model, stance_calibration(stance))
    path = reader_file(settings, fingerprint)
    if not path.is_file():
        return by_words
    return CombinedScorer(by_words.axis, by_words.lexicon, SemanticReader.load(path).checked_for(fingerprint))


def make_gate(settings: Settings, fingerprint: str) -> CruxGate | None:
    """Return the gate of cruxes that lies with the axis, or None where it has none for the encoder.

    Raises:
        AxisDataInvalid: the gate's file is broken.
    """
    path = settings.axis_folder / "cruxes.npz"
    gate = CruxGate.load(path) if path.is_file() else None
    return gate if gate is not None and gate.fingerprint == fingerprint else None


def make_checked_scorer(settings: Settings, encoder: Encoder) -> Scorer:
    """Return the scorer of a build: its reader is trained if it is missing, and held to its record once.

    Raises:
        AxisDataInvalid: a file of the axis is broken.
        ScorerBelowRecord: it agrees less with the project's labels than it did.
    """
    scorer = make_scorer(settings, encoder.fingerprint)
    if isinstance(scorer, StanceScorer):
        return scorer
    path = reader_file(settings, encoder.fingerprint)
    if not path.is_file() and len(read_statements(settings.axis_folder)) >= LEAST_STATEMENTS:
        make_folder(path.parent)
        replace_file(path, train(settings.axis_folder, encoder).reader.to_bytes())
    scorer = make_scorer(settings, encoder.fingerprint)
    passed = settings.state_folder / "readers" / f"{scorer.version}.passed"
    if isinstance(scorer, CombinedScorer) and not passed.is_file():
        found = check_record(settings.axis_folder, scorer, encoder)
        make_folder(passed.parent)
        write_synced(passed, f"{json.dumps(found)}\n".encode())
    return scorer


def make_builder(settings: Settings, *, ray: str | None = None) -> Builder:
    """Return what builds editions of the library.

    Args:
        settings: of the library.
        ray: address of the Ray cluster that works on the episodes; None for this process.

    Raises:
        RayMissing: the package for a cluster is not installed.
    """
    return Builder(
        library=settings.library,
        state=settings.state_folder,
        encoder=lambda: open_encoder(settings),
        scorer=lambda encoder: make_checked_scorer(settings, encoder),
        axis=make_axis(settings),
        model=settings.model,
        judge_options=make_judge_options(settings),
        publish_in_store=_publisher(settings),
        workers=ThisProcess if ray is None else _ray_workers(settings, ray),
    )


def _ray_workers(settings: Settings, address: str) -> Callable[[Models], EpisodeWorkers]:
    try:
        from index.build.ray_workers import RayWorkers  # noqa: PLC0415 - an extra
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] != "ray":
            raise
        raise RayMissing from error
    return partial(RayWorkers, address, settings.threads)


def make_store(settings: Settings) -> "MilvusStore | None":
    """Return the store of editions, not yet connected, or None where none is set.

    Raises:
        StoreMissing: the package for it is not installed.
    """
    if settings.store_address is None:
        return None
    try:
        from index.storage.milvus import MilvusStore  # noqa: PLC0415 - an extra
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] != "pymilvus":
            raise
        raise StoreMissing from error
    return MilvusStore(settings.store_address)


def _publisher(settings: Settings) -> PublishInStore | None:
    store = make_store(settings)
    return None if store is None else lambda edition, advance: store.publish(edition, advance=advance)


def make_judge_options(settings: Settings) -> JudgeOptions | None:
    """Return how builds ask a judge, or None where none is set."""
    if settings.judge is None:
        return None
    key = settings.judge_key.get_secret_value() if settings.judge_key is not None else None
    return JudgeOptions(
        ChatJudge(settings.judge, settings.judge_model, key=key or None),
        lambda fingerprint: make_gate(settings, fingerprint),
        settings.judge_pairs,
        read_contested_questions(settings.axis_folder),
    )


def make_opener(settings: Settings) -> EditionOpener:
    """Return what opens editions in a process that does nothing but answer.

    From here on the process multiplies matrices on one core: those of one question are too small to be shared, and
    threads that wait for each other take the cores from the model. And a thread that has a question's vector waits
    half a millisecond for the interpreter instead of five, which is as long as all else that a question needs.
    """
    _export_missing_stance(settings)
    return _opener_alone(settings, fetches=False)


def _export_missing_stance(settings: Settings) -> None:
    """Export the stance model that reads what people type, where no build has done so, as after an upgrade.

    That takes ten seconds, which no question has, and half a gigabyte, which an answering process would keep; so a
    process of its own does it before the first question. Where it fails, reading what is typed says why.
    """
    stance, models = settings.stance_file, models_folder(settings)
    if not stance.is_file() or (models / stance_fingerprint(stance) / "serving.json").is_file():
        return
    command = [sys.executable, "-m", "index.embedding.model_export", str(stance), str(models)]
    with contextlib.suppress(OSError, subprocess.SubprocessError):
        subprocess.run(command, timeout=_EXPORTS_WITHIN_S, check=True, capture_output=True)  # noqa: S603


def _opener_alone(settings: Settings, *, fetches: bool) -> EditionOpener:
    threadpool_limits(limits=1, user_api="blas")
    sys.setswitchinterval(_SWITCH_S)
    return _opener(settings, fetches=fetches)


def _opener(settings: Settings, *, fetches: bool) -> EditionOpener:
    """Return what opens editions for answering, with a reranker where the settings name one.

    Args:
        settings: of the library.
        fetches: True where nobody else brings the published edition of the store here.
    """
    named, store = settings.reranker, make_store(settings)
    return EditionOpener(
        settings.state_folder,
        lambda export: open_encoder(settings, export),
        lambda encoder: make_scorer(settings, encoder.fingerprint),
        make_axis(settings),
        prefer_editor=settings.editor_position == "instead",
        open_reranker=(lambda: load_cross_encoder(named)) if named else None,
        site=settings.site,
        open_gate=lambda fingerprint: make_gate(settings, fingerprint),
        store=store,
        fetch=partial(fetch_from, store, settings.state_folder) if store is not None and fetches else None,
    )


def make_service(settings: Settings) -> LocalLibraryService:
    """Return the library as the terminal asks it: in this process."""
    return LocalLibraryService(_opener_alone(settings, fetches=True))


def make_embedded_service(settings: Settings) -> LocalLibraryService:
    """Return the library as another program asks it that imports this one: nothing else of its process is changed."""
    return LocalLibraryService(_opener(settings, fetches=True))


def worker_limit_s(settings: Settings) -> float:
    """Return the seconds that one request may take in a worker; a reranker takes several times as long."""
    return settings.question_limit_s * (_RERANKING_TAKES if settings.reranker else 1)


def make_limiter(settings: Settings, *, at_once: int = 4, longest_queue: int = 100) -> RequestLimiter:
    """Return the limiter of whole answers: an answer may ask workers several times, and waits for its turn before."""
    limit_s = max(_ANSWER_LIMIT_S, 3 * worker_limit_s(settings))
    return RequestLimiter(at_once=at_once, longest_queue=longest_queue, limit_s=limit_s)


def make_pooled_service(
    settings: Settings, make_opener: Callable[[Settings], EditionOpener] = make_opener
) -> PooledLibraryService:
    """Return the library as the bot asks it: by worker processes, which are started by the first question.

    Args:
        settings: of the library; of their secrets the workers get the store's address alone.
        make_opener: what a worker opens the edition with, importable by name.
    """
    # Pictures are drawn on threads: the event loop must not wait for them, nor they fill the memory.
    sys.setswitchinterval(_SWITCH_S)
    limit_arenas()
    return_blocks(_PICTURE_BYTES)
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    threads = settings.threads or max(1, min(_MOST_THREADS, cores // settings.workers))
    own = settings.without_secrets(but=("store",)).model_copy(update={"threads": threads})
    pool = WorkerPool(
        settings.state_folder,
        partial(make_opener, own),
        n_workers=settings.workers,
        limit_s=worker_limit_s(settings),
        slow_s=_SLOW_S * (_RERANKING_TAKES if settings.reranker else 1),
    )
    store = make_store(settings)
    return PooledLibraryService(
        pool,
        make_axis(settings),
        prefer_editor=settings.editor_position == "instead",
        follower=None if store is None else StoreFollower(store, settings.state_folder),
    )


def make_fetcher() -> "Fetcher":
    """Return what fetches transcripts of videos."""
    from index.library.sources import Fetcher, YouTubeSource  # noqa: PLC0415 - half a second, and few commands fetch

    return Fetcher(YouTubeSource())


def make_transcriber(settings: Settings) -> "Transcriber":
    """Return what turns recordings into text: the speech service that is set, or the extra on this machine.

    Raises:
        SpeechServiceMissing: there is neither.
    """
    from index.library.sources import local_speech  # noqa: PLC0415 - few commands need it
    from index.library.sources.errors import SpeechServiceMissing  # noqa: PLC0415
    from index.library.sources.transcription import SpeechService  # noqa: PLC0415

    if settings.speech_url:
        key = None if settings.speech_key is None else settings.speech_key.get_secret_value()
        return SpeechService(settings.speech_url, settings.speech_model or _SERVICE_MODEL, key=key)
    if not local_speech.is_installed():
        raise SpeechServiceMissing
    models = models_folder(settings) / "speech"
    return local_speech.LocalSpeech(settings.speech_model or _LOCAL_MODEL, models, threads=settings.threads)


def make_sources(settings: Settings) -> "EpisodeSources":
    """Return what lists and fetches the episodes of followed sources."""
    from index.library.sources import WebAndFolderSources, YouTubeSource  # noqa: PLC0415

    return WebAndFolderSources(YouTubeSource(), settings.state_folder / "followed")
