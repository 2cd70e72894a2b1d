"""A bot of a new version on an index of an older one: what its own stance model reads is read by that."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path

from indexed_sample import IndexedSample

from bot.app.container import make_pooled_service, models_folder
from bot.app.settings import Settings
from index.embedding.stance_weights import stance_fingerprint


def test_typed_text_is_read_although_no_build_has_exported_the_stance_model(
    indexed_sample: IndexedSample, tmp_path: Path
) -> None:
    settings = Settings(library=indexed_sample.library, state=tmp_path / "state", question_limit_s=60)
    exported = models_folder(settings) / stance_fingerprint(settings.axis_folder / "stance.npz")
    shutil.copytree(indexed_sample.state, tmp_path / "state")
    shutil.rmtree(exported)

    async def ask() -> int:
        service = make_pooled_service(settings)
        try:
            assert await service.turn_to_newest(within_s=600), "on a busy machine the export takes a while"
            await service.find("who pays when a model is wrong")
            assert (exported / "serving.json").is_file(), "it is there before anybody waits for it"
            return len(
                await service.score(["Nobody can say what it will do, and that is what frightens me."])
            )
        finally:
            await service.close()

    assert asyncio.run(ask()) == 1
