"""Posted messages live on: every custom_id that was ever written is read by one class, and written back as it was."""

import re
from typing import Any

import pytest
from discord import ui

from bot.discord.client import COMPONENTS
from bot.discord.features.admin.status import setting_id

POSTED = {
    "FindButton": (
        "f:Zx8-_q1LmN0p:12:turn", "f:a:0:flip", "f:a:0:wide", "f:a:999:share", "f:a:3:mine",
    ),
    "CardButton": ("e:what-cannot-be-recalled:card:open", "e:a.b_c:card:share", "e:9:card:mine"),
    "CardChoice": ("c:card",),
    "EpisodeButton": ("e:a.b_c:picks:share", "e:9:kin:mine", f"e:{'a' * 80}:picks:share"),
    "EpisodeChoice": ("c:picks", "c:kin"),
    "ReadingButton": ("r:what-cannot-be-recalled:7:turn", f"r:{'a' * 80}:99999:turn"),
    "PlaceSelect": ("r:what-cannot-be-recalled:0:open", "r:a:12345:pick"),
    "QuoteButton": ("q:what-cannot-be-recalled:7:Zx8-_:open", f"q:{'a' * 80}:99999:aaaaa:share", "q:a:0:aaaaa:mine"),
    "PairButton": ("p:what-cannot-be-recalled:Zx8-_:open", f"p:{'a' * 80}:aaaaa:share", "p:a:aaaaa:mine"),
    "QuoteSelect": ("q:pick",),
    "SpectrumButton": ("s:Zx8-_q1LmN0p:share", "s:a:mine"),
    "VoteButton": ("v:what-cannot-be-recalled:Zx8-_q1LmN0pf64", "v:a:aaaaaaaaaaaal00", "v:a:aaaaaaaaaaaahc8"),
    "AdminButton": (
        "a:write:Zx8-_q1LmN0p", "a:drop:x", "a:remove:what-cannot-be-recalled", "a:keep:x", "a:reindex:now",
    ),
    "RemoveChoice": ("c:remove",),
    "UnfollowMenu": ("w:unfollow",),
    "MissingButton": ("m:on", "m:off", "m:search"),
    "NewsButton": ("n:off:12:20261108T140000", "n:off:1:", "n:digest:0:20261108T140000"),
    "AnswerAlertButton": ("n:answer:what-cannot-be-recalled:7", f"n:answer:{'a' * 80}:99999"),
    "SettingMenu": ("a:set:source", "a:set:roles", "a:set:channels"),
}  # fmt: skip


def by_name(name: str) -> type[ui.DynamicItem[Any]]:
    return next(component for component in COMPONENTS if component.__name__ == name)


def template_of(kind: type[ui.DynamicItem[Any]]) -> re.Pattern[str]:
    return kind.__discord_ui_compiled_template__


def test_every_kind_is_held_to_ids_that_were_posted() -> None:
    assert {component.__name__ for component in COMPONENTS} == set(POSTED)


@pytest.mark.parametrize(
    ("name", "posted"), [(name, custom_id) for name, ids in POSTED.items() for custom_id in ids]
)
async def test_a_posted_id_is_read_by_one_kind_and_written_back_byte_for_byte(name: str, posted: str) -> None:
    assert [component.__name__ for component in COMPONENTS if template_of(component).fullmatch(posted)] == [
        name
    ]
    kind = by_name(name)
    is_menu = name in {
        "CardChoice",
        "EpisodeChoice",
        "PlaceSelect",
        "QuoteSelect",
        "RemoveChoice",
        "SettingMenu",
        "UnfollowMenu",
    }
    item: ui.Item[Any] = ui.Select(custom_id=posted) if is_menu else ui.Button(custom_id=posted)
    match = template_of(kind).fullmatch(posted)
    assert match is not None
    interaction: Any = object()
    read: Any = await kind.from_custom_id(interaction, item, match)
    assert type(read) is kind
    assert read.item is item
    assert (setting_id(read.action) if name == "SettingMenu" else str(read.action)) == posted
