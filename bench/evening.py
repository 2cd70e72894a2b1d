"""Play an evening: people use the real bot at a loopback Discord, and everything that they see is printed.

    PYTHONPATH=.:tests python bench/evening.py LIBRARY STATE [bench/evening.toml] [--only 3,7] [--log FILE]

LIBRARY and STATE (which holds an edition of it) are copied first: nothing is written to them. The bot runs as
``counterpoint bot`` runs it, in a process of its own. The steps are tables of a TOML file::

    [[step]]
    by = "member"                      # or "moderator", "runner" (who owns the application), "stranger" (in German)
    slash = "find"                     # or menu = "Counter this", or complete = "episode"
    options = {query = "..."}          # of the command (a `channel` is "here"); `on` is the message of a menu
    focused = "episode"                # the option that is being typed, for complete
    file = "talk.srt"                  # handed over as the option `file`, with `text` as its content, or with the
                                       # first `cues` of the library's own episode `part_of`
    [[step]]
    press = "Other side"               # a button of the last answer that has buttons, by its label or a part of it
    [[step]]
    choose = 2                         # an option of its select, from 1; or `choose = "label"`, and `select` for which
    [[step]]
    wait = "Reindexed"                 # until the last answer shows this
    [[step]]
    restart = true                     # the bot is stopped and started again
"""

from __future__ import annotations

import argparse
import asyncio
import os
import shutil
import sys
import tempfile
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from discord_loopback.driver import Person
from discord_loopback.errors import NoAnswerError, RefusedByClientError
from discord_loopback.messages import BUTTON, CONTAINER, SECTION, TEXT_DISPLAY, Message, Upload, embed_texts
from discord_loopback.people import MANAGE_GUILD
from discord_loopback.reply import Reply
from discord_loopback.server import LoopbackDiscord

from index.transcripts.formats import parse_transcript

_WITHIN_S = 180.0
_STEPS = Path(__file__).with_name("evening.toml")


class Evening:
    """One evening: the server, its people, and the last answer that somebody saw."""

    def __init__(self, server: LoopbackDiscord, library: Path) -> None:
        self.server, self._library = server, library
        self._guild = server.add_guild("Reading circle")
        self._runner = self._guild.add_member(
            Person(server.world, server.world.owner, self._guild.guild), permissions=MANAGE_GUILD
        )
        self._person = self._runner
        self._n_people = 0
        self.last: Reply | None = None

    def arrive(self, kind: str) -> None:
        """Let somebody new act from here on: a person may only ask so often. The runner is one and the same."""
        self._n_people += 1
        name = f"{kind} {self._n_people}"
        match kind:
            case "moderator":
                self._person = self._guild.add_member(name, permissions=MANAGE_GUILD)
            case "stranger":
                self._person = self._guild.add_member(name, locale="de")
            case "runner":
                self._person = self._runner
            case _:
                self._person = self._guild.add_member(name)

    async def play(self, step: Mapping[str, Any]) -> None:
        """Do one step and print what is seen."""
        if "by" in step:
            self.arrive(step["by"])
        person, options = self._person, dict(step.get("options", {}))
        if options.get("channel") == "here":
            options["channel"] = person.home
        if "file" in step:
            text = step["text"] if "text" in step else self._part(step["part_of"], step["cues"])
            options["file"] = Upload(step["file"], text.encode())
        if "complete" in step:
            choices = await person.autocomplete(
                step["complete"], options, focused=step["focused"], within_s=_WITHIN_S
            )
            print("\n".join(f"  ▸ {choice['name']}" for choice in choices) or "  (nothing is offered)")
            return
        if "wait" in step:
            await self._wait(step["wait"])
        elif "slash" in step:
            self.last = await person.slash(step["slash"], options, within_s=_WITHIN_S)
        elif "menu" in step:
            self.last = await person.message_menu(step["menu"], step["on"], within_s=_WITHIN_S)
        elif "press" in step:
            self.last = await person.press(
                self._answer, label=_label(self._answer, step["press"]), within_s=_WITHIN_S
            )
        elif "choose" in step:
            wanted_select = step.get("select", "")
            fitting = [s for s in self._answer.selects if wanted_select in str(s.get("placeholder", ""))]
            if not fitting:
                raise RefusedByClientError(f"no select says {wanted_select!r}")
            select = fitting[0]
            wanted = step["choose"]
            value = select["options"][wanted - 1]["value"] if isinstance(wanted, int) else wanted
            self.last = await person.select(self._answer, select["custom_id"], [value], within_s=_WITHIN_S)
        print(shown(self._answer))

    def _part(self, slug: str, n_cues: int) -> str:
        """Return the first ``n_cues`` of an episode of the library as SRT."""
        file = next(path for path in (self._library / slug).iterdir() if path.suffix in {".vtt", ".srt"})
        cues = parse_transcript(file.read_bytes(), name=file.name).cues[:n_cues]
        return "\n".join(
            f"{number}\n{_stamp(cue.start_s)} --> {_stamp(cue.end_s)}\n{cue.text}\n"
            for number, cue in enumerate(cues, start=1)
        )

    @property
    def _answer(self) -> Message:
        if self.last is None:
            raise RefusedByClientError("nothing was asked yet")
        return self.last.message

    async def _wait(self, text: str) -> None:
        async with asyncio.timeout(1200):
            while text not in self._answer.text:  # noqa: ASYNC110 - edits come when they come
                await asyncio.sleep(0.2)


def _label(message: Message, wanted: str) -> str:
    for label in message.labels:
        if wanted in label:
            return label
    raise RefusedByClientError(f"no button says {wanted!r}; there are {message.labels}")


def shown(message: Message) -> str:
    """Return a message as a person sees it: text, [buttons], selects with their options, files."""
    lines = ["(only you can see this)"] if message.ephemeral else ["(everybody can see this)"]
    lines += [message.content] if message.content else []
    lines += [text for embed in message.embeds for text in embed_texts(embed)]
    lines += _shown_parts(message.components)
    lines += [
        f"<{attachment.filename}: {attachment.description or 'no alternative text'}>"
        for attachment in message.attachments
    ]
    return "\n".join("  " + line for text in lines for line in text.split("\n"))


def _shown_parts(parts: Any) -> list[str]:
    lines: list[str] = []
    for part in parts or ():
        kind = part.get("type")
        if kind == TEXT_DISPLAY:
            lines.append(part["content"])
        elif kind == BUTTON:
            lines.append(f"[{part.get('label')}{' (off)' if part.get('disabled') else ''}]")
        elif kind in (3, 5, 6, 7, 8):
            preset = [option["label"] for option in part.get("options") or () if option.get("default")]
            lines.append(f"({', '.join(preset) or part.get('placeholder')} ▾)")
            lines += [
                f"   ▸ {option['label']}"
                + (f" — {option['description']}" if option.get("description") else "")
                for option in part.get("options") or ()
            ]
        elif kind == SECTION:
            own = _shown_parts(part["components"])
            lines += [*own, *_shown_parts([part["accessory"]])]
        elif kind == CONTAINER:
            lines += ["┌──", *_shown_parts(part["components"]), "└──"]
        else:
            own = _shown_parts(part.get("components"))
            lines += [" ".join(own)] if own and all(line.startswith("[") for line in own) else own
    return lines


def _stamp(second: float | None) -> str:
    whole, milliseconds = divmod(round((second or 0.0) * 1000), 1000)
    return f"{whole // 3600:02}:{whole // 60 % 60:02}:{whole % 60:02},{milliseconds:03}"


async def _run(told: argparse.Namespace) -> None:
    steps = tomllib.loads(told.steps.read_text("utf-8"))["step"]
    only = {int(number) for number in told.only.split(",")} if told.only else None
    with tempfile.TemporaryDirectory(dir=told.state) as scratch:
        home = Path(scratch)
        shutil.copytree(told.library, home / "library")
        (home / "state").mkdir()
        for folder in ("editions", "models", "readers"):
            if (told.state / folder).is_dir():
                shutil.copytree(told.state / folder, home / "state" / folder, copy_function=os.link)
        current = home / "state" / "editions" / "CURRENT"
        text = current.read_text("utf-8")
        current.unlink()
        current.write_text(text, "utf-8")
        async with LoopbackDiscord() as server:
            process = await _started(server, home, told.log)
            evening = Evening(server, home / "library")
            await evening.play({"by": "runner", "slash": "admin open"})
            number = 0
            try:
                for step in steps:
                    is_first = "press" not in step and "choose" not in step and "wait" not in step
                    number += is_first
                    if only is not None and number not in only:
                        continue
                    print(f"\n=== {number}{'' if is_first else ' …'} {_told(step)}")
                    if step.get("restart"):
                        await _stopped(process)
                        process = await _started(server, home, told.log)
                        continue
                    try:
                        await evening.play(step)
                    except (NoAnswerError, RefusedByClientError, TimeoutError) as error:
                        print(f"  !! {type(error).__name__}: {error}")
                    sys.stdout.flush()
            finally:
                await _stopped(process)
            for violation in server.violations:
                print(f"violation: {violation}")


def _told(step: Mapping[str, Any]) -> str:
    return " ".join(f"{key}={str(value)[:300]!r}" for key, value in step.items())


async def _started(server: LoopbackDiscord, home: Path, log: Path) -> Any:
    with log.open("ab") as errors:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bot.cli.app", "bot",
            env={
                **os.environ,
                "COUNTERPOINT_LIBRARY": str(home / "library"), "COUNTERPOINT_STATE": str(home / "state"),
                "COUNTERPOINT_API_BASE": server.api_base, "COUNTERPOINT_GATEWAY": server.gateway_url,
                "DISCORD_TOKEN": server.token,
                "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
            },
            stderr=errors,
        )  # fmt: skip
    await server.wait_for_bot(within_s=400)
    return process


async def _stopped(process: Any) -> None:
    if process.returncode is None:
        process.terminate()
        await asyncio.wait_for(process.wait(), 30)


def main() -> None:
    """Read the arguments and play."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("library", type=Path)
    parser.add_argument("state", type=Path)
    parser.add_argument("steps", type=Path, nargs="?", default=_STEPS)
    parser.add_argument("--only", default="", help="numbers of steps, with commas between them")
    parser.add_argument("--log", type=Path, default=Path("evening.log"))
    asyncio.run(_run(parser.parse_args()))


if __name__ == "__main__":
    main()
