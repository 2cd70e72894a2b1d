"""The rules of application commands that Discord's description leaves out."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterator
from typing import Any

from discord_loopback.errors import Fault

CHAT_INPUT, USER_MENU, MESSAGE_MENU = 1, 2, 3
SUBCOMMAND, GROUP = 1, 2
COMMANDS_MAX = {CHAT_INPUT: 100, USER_MENU: 5, MESSAGE_MENU: 5}
NAME_MAX = 32
DESCRIPTION_MAX = 100
OPTIONS_MAX = 25
CHOICE_MAX = 100
WHOLE_MAX = 8000
LOCALES = frozenset(
    "id da de en-GB en-US es-ES es-419 fr hr it lt hu nl no pl pt-BR ro fi sv-SE vi tr cs el bg ru uk hi th zh-CN "
    "ja zh-TW ko".split()
)
Path = tuple[str | int, ...]


def command_set_faults(commands: list[dict[str, Any]]) -> Iterator[Fault]:
    """What is wrong with a whole set: counts and names a kind, and each command by itself."""
    kinds = Counter(int(c.get("type") or CHAT_INPUT) for c in commands)
    for kind, count in kinds.items():
        if count > COMMANDS_MAX.get(kind, 1):
            said = f"Maximum number of application commands reached ({COMMANDS_MAX.get(kind, 1)})."
            yield Fault((), "APPLICATION_COMMANDS_MAX", said)
    seen: set[tuple[int, str]] = set()
    for i, command in enumerate(commands):
        key = (int(command.get("type") or CHAT_INPUT), str(command.get("name")))
        if key in seen:
            yield Fault(
                (i,), "APPLICATION_COMMANDS_DUPLICATE_NAME", "Application command names must be unique"
            )
        seen.add(key)
        yield from command_faults(command, (i,))


def command_faults(command: dict[str, Any], at: Path = ()) -> Iterator[Fault]:
    """What is wrong with one command."""
    kind = int(command.get("type") or CHAT_INPUT)
    name, description = str(command.get("name") or ""), command.get("description") or ""
    if kind == CHAT_INPUT:
        yield from _named(command, at)
    else:
        if not 1 <= len(name) <= NAME_MAX or name != name.strip():
            yield Fault((*at, "name"), "BASE_TYPE_BAD_LENGTH", f"Must be between 1 and {NAME_MAX} in length.")
        if description or command.get("options"):
            said = "Context menu commands have neither description nor options."
            yield Fault(
                (*at, "description"), "APPLICATION_COMMAND_CONTEXT_MENU_DESCRIPTION_CANNOT_BE_SET", said
            )
    yield from _options(command.get("options") or [], (*at, "options"), depth=0)
    if _weight(command) > WHOLE_MAX:
        said = f"Command exceeds maximum size ({WHOLE_MAX})"
        yield Fault(at, "APPLICATION_COMMAND_TOO_LARGE", said)


def _named(thing: dict[str, Any], at: Path) -> Iterator[Fault]:
    names = [((*at, "name"), str(thing.get("name") or ""))]
    for locale, name in (thing.get("name_localizations") or {}).items():
        names.append(((*at, "name_localizations", locale), str(name)))
        if locale not in LOCALES:
            yield Fault((*at, "name_localizations", locale), "ENUM_TYPE_COERCE", "Not a locale of Discord's.")
    for path, name in names:
        if not is_command_name(name):
            said = f"String value did not match validation regex: {name!r}."
            yield Fault(path, "STRING_TYPE_REGEX", said)
    texts = [((*at, "description"), str(thing.get("description") or ""))]
    for locale, text in (thing.get("description_localizations") or {}).items():
        texts.append(((*at, "description_localizations", locale), str(text)))
        if locale not in LOCALES:
            yield Fault(
                (*at, "description_localizations", locale), "ENUM_TYPE_COERCE", "Not a locale of Discord's."
            )
    for path, text in texts:
        if not 1 <= len(text) <= DESCRIPTION_MAX:
            yield Fault(path, "BASE_TYPE_BAD_LENGTH", f"Must be between 1 and {DESCRIPTION_MAX} in length.")


def is_command_name(name: str) -> bool:
    r"""Whether `name` matches `^[-_'\p{L}\p{N}\p{sc=Deva}\p{sc=Thai}]{1,32}$` and is in lower case."""
    fits = all(c in "-_'" or unicodedata.category(c)[0] in "LNM" for c in name)
    return 1 <= len(name) <= NAME_MAX and fits and name == name.lower()


def _options(options: list[dict[str, Any]], at: Path, *, depth: int) -> Iterator[Fault]:
    if len(options) > OPTIONS_MAX:
        yield Fault(at, "BASE_TYPE_MAX_LENGTH", f"Must be {OPTIONS_MAX} or fewer in length.")
    nested = [o for o in options if o.get("type") in (SUBCOMMAND, GROUP)]
    if nested and len(nested) != len(options):
        said = "Sub-command and sub-command group option types are mutually exclusive to all other types"
        yield Fault(at, "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID", said)
    for name, count in Counter(o.get("name") for o in options).items():
        if count > 1:
            said = f"Option name {name!r} stands {count} times."
            yield Fault(at, "APPLICATION_COMMAND_OPTIONS_NAME_ALREADY_EXISTS", said)
    optional_seen = False
    for i, option in enumerate(options):
        path = (*at, i)
        yield from _named(option, path)
        kind = option.get("type")
        if kind in (SUBCOMMAND, GROUP):
            if depth > (1 if kind == SUBCOMMAND else 0):
                said = "Sub-commands nest one group deep."
                yield Fault((*path, "type"), "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID", said)
            yield from _options(option.get("options") or [], (*path, "options"), depth=depth + 1)
            continue
        if option.get("required") and optional_seen:
            said = "Required options must be placed before non-required options"
            yield Fault(path, "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID", said)
        optional_seen = optional_seen or not option.get("required")
        yield from _choices(option, path)


def _choices(option: dict[str, Any], path: Path) -> Iterator[Fault]:
    choices = option.get("choices") or []
    if choices and option.get("autocomplete"):
        said = "Choices and autocomplete exclude each other."
        yield Fault((*path, "autocomplete"), "APPLICATION_COMMAND_AUTOCOMPLETE_WITH_CHOICES", said)
    if len(choices) > OPTIONS_MAX:
        yield Fault((*path, "choices"), "BASE_TYPE_MAX_LENGTH", f"Must be {OPTIONS_MAX} or fewer in length.")
    for key in ("name", "value"):
        for value, count in Counter(c.get(key) for c in choices).items():
            if count > 1:
                said = f"Choice {key} {value!r} stands {count} times."
                yield Fault(
                    (*path, "choices"), "APPLICATION_COMMAND_OPTIONS_CHOICE_NAME_ALREADY_EXISTS", said
                )
    for i, choice in enumerate(choices):
        texts = [choice.get("name"), *(choice.get("name_localizations") or {}).values()]
        texts += [choice["value"]] if isinstance(choice.get("value"), str) else []
        if any(not 1 <= len(str(text or "")) <= CHOICE_MAX for text in texts):
            said = f"Must be between 1 and {CHOICE_MAX} in length."
            yield Fault((*path, "choices", i), "BASE_TYPE_BAD_LENGTH", said)


def _weight(thing: dict[str, Any]) -> int:
    """Characters of names, descriptions and choices, each in its longest localisation."""
    total = 0
    for key in ("name", "description"):
        told = [thing.get(key), *(thing.get(f"{key}_localizations") or {}).values()]
        total += max(len(str(text or "")) for text in told)
    total += sum(len(str(c.get("value"))) + len(str(c.get("name"))) for c in thing.get("choices") or ())
    return total + sum(_weight(option) for option in thing.get("options") or ())
