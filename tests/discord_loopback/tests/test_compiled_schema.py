"""The compiled description passes nothing in which jsonschema finds a fault, and passes bodies that are well formed."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from discord_loopback.compiled_schema import CompiledSchemas
from discord_loopback.description import compiled_schemas, jsonschema_faults
from hypothesis import given
from hypothesis import strategies as st

MESSAGE = {
    "flags": 1 << 15,
    "allowed_mentions": {"parse": ["users"], "users": ["12", 13]},
    "attachments": [{"id": 0, "filename": "found.png", "description": "A picture"}],
    "components": [
        {"type": 10, "content": "## Words", "id": 1},
        {"type": 12, "items": [{"media": {"url": "attachment://found.png"}, "description": "A picture"}]},
        {
            "type": 17,
            "accent_color": 0xE8A33D,
            "components": [
                {
                    "type": 9,
                    "components": [{"type": 10, "content": "### Title"}],
                    "accessory": {"type": 2, "style": 2, "label": "Card", "custom_id": "e:a:card:open"},
                },
                {"type": 14, "divider": True, "spacing": 1},
                {"type": 10, "content": "> said"},
            ],
        },
        {
            "type": 1,
            "components": [
                {
                    "type": 3,
                    "custom_id": "r:a:0:open",
                    "placeholder": "Open",
                    "options": [{"label": "1", "value": "a:1", "description": None, "default": False}],
                }
            ],
        },
        {
            "type": 1,
            "components": [
                {"type": 2, "style": 2, "label": "Share", "custom_id": "f:k:0:share", "disabled": False},
                {"type": 2, "style": 5, "label": "Open", "url": "https://example.org/a"},
            ],
        },
    ],
}
EMBEDS = {
    "content": "Words",
    "embeds": [{"title": "T", "description": "D", "color": 12, "image": {"url": "https://e.org/p.png"}}],
}
COMMAND = {
    "name": "find",
    "description": "Find passages",
    "type": 1,
    "description_localizations": {"de": "Findet Stellen"},
    "options": [
        {"type": 3, "name": "query", "description": "Words", "required": True, "max_length": 300},
        {"type": 3, "name": "band", "description": "Band", "choices": [{"name": "a", "value": "b"}]},
        {"type": 4, "name": "n", "description": "How many", "min_value": 1, "max_value": 9},
    ],
}
MODAL = {
    "type": 9,
    "data": {
        "custom_id": "m:1",
        "title": "Add",
        "components": [
            {"type": 18, "label": "Title", "component": {"type": 4, "custom_id": "title", "style": 1}}
        ],
    },
}
BODIES = {
    "message": ("MessageCreateRequest", MESSAGE),
    "embeds": ("IncomingWebhookUpdateForInteractionCallbackRequestPartial", EMBEDS),
    "command": ("ApplicationCommandCreateRequest", COMMAND),
    "modal": ("ModalInteractionCallbackRequest", MODAL),
}
VALUES = st.sampled_from(
    [
        None, True, False, 0, 1, 1.0, -1, 2.5, 3, 9, 10, 17, 1 << 40, "", "x", "10", "attachment://x", "x" * 101,
        "x" * 4001, "漢" * 2000, [], [1], ["users", "users"], ["a"] * 101, {}, {"type": 10}, {"type": 99}, {"id": "x"},
    ]
)  # fmt: skip


def places(value: Any) -> list[tuple[Any, ...]]:
    """Every path into a body, the empty one among them."""
    inside: list[tuple[Any, Any]] = []
    if isinstance(value, dict):
        inside = list(value.items())
    if isinstance(value, list):
        inside = list(enumerate(value))
    return [(), *((key, *rest) for key, part in inside for rest in places(part))]


def changed(body: Any, path: tuple[Any, ...], change: str, value: Any) -> Any:
    """A copy of a body with one place of it replaced, taken out, doubled, or given a field more."""
    if not path:
        return value if change == "replace" else body
    body = copy.deepcopy(body)
    holder = body
    for key in path[:-1]:
        holder = holder[key]
    key, held = path[-1], holder[path[-1]]
    if change == "replace":
        holder[key] = value
    elif change == "remove":
        del holder[key]
    elif isinstance(held, list) and held:
        held += [copy.deepcopy(held[0])] * (1 if change == "once more" else 60)
    elif isinstance(held, dict):
        held["more" if change == "once more" else "type"] = value
    return body


def is_certain(name: str, body: Any) -> bool:
    return compiled_schemas().compile({"$ref": f"#/components/schemas/{name}"})(body)


def faults(name: str, body: Any) -> list[Any]:
    return jsonschema_faults({"$ref": f"#/components/schemas/{name}"}, body)


@pytest.mark.parametrize("kind", BODIES)
def test_bodies_that_are_well_formed_pass_at_once(kind: str) -> None:
    name, body = BODIES[kind]
    assert faults(name, body) == []
    assert is_certain(name, body)


@given(
    st.sampled_from(sorted(BODIES)),
    st.data(),
    st.lists(
        st.tuples(st.sampled_from(["replace", "remove", "once more", "often"]), VALUES),
        min_size=1,
        max_size=3,
    ),
)
def test_nothing_passes_in_which_jsonschema_finds_a_fault(
    kind: str, data: st.DataObject, changes: list[tuple[str, Any]]
) -> None:
    name, body = BODIES[kind]
    for change, value in changes:
        body = changed(body, data.draw(st.sampled_from(places(body))), change, value)
    if is_certain(name, body):
        assert faults(name, body) == []


@pytest.mark.parametrize("kind", BODIES)
def test_every_single_change_is_judged_alike(kind: str) -> None:
    name, body = BODIES[kind]
    bad = [None, True, 1 << 40, "x" * 4001, [], {"type": 99}]
    n_refused = 0
    for path in places(body):
        for change, value in [("remove", None), ("often", "x"), *(("replace", value) for value in bad)]:
            other = changed(body, path, change, value)
            found = faults(name, other)
            assert is_certain(name, other) == (not found), (path, change, value)
            n_refused += bool(found)
    assert n_refused > 30


@pytest.mark.parametrize(
    ("schema", "good", "bad"),
    [
        ({"type": "integer"}, [0, -3], [True, 1.5, "1", None, [], {}]),
        ({"type": ["number", "null"]}, [0.5, 1, None], [False, "1", []]),
        ({"const": 1}, [1], [True, "1", 2]),
        ({"enum": ["a", 2]}, ["a", 2], ["b", True, None]),
        ({"maxLength": 2, "minLength": 1}, ["ab", 5, None], ["", "abc"]),
        ({"pattern": "^a"}, ["ab", 3], ["ba"]),
        ({"minimum": 1, "maximum": 3}, [1, 3, "9"], [0, 4, 0.5]),
        ({"minItems": 1, "maxItems": 2, "uniqueItems": True}, [["a"], ["a", "b"], "x"], [[], ["a", "a"]]),
        ({"items": {"type": "string"}}, [[], ["a"], 3], [["a", 1]]),
        ({"required": ["a"], "maxProperties": 1}, [{"a": 1}, 3], [{}, {"b": 1}, {"a": 1, "b": 2}]),
        ({"properties": {"a": {"type": "string"}}}, [{"a": "x"}, {"b": 1}, []], [{"a": 1}]),
        ({"properties": {"a": {}}, "additionalProperties": False}, [{"a": 1}, {}], [{"b": 1}]),
        ({"additionalProperties": {"type": "string"}}, [{"a": "x"}], [{"a": 1}]),
        ({"allOf": [{"type": "string"}, {"maxLength": 1}]}, ["a"], ["ab", 1]),
        ({"oneOf": [{"type": "null"}, {"type": "string"}]}, [None, "a"], [1]),
        ({"anyOf": [{"type": "integer"}, {"type": "string"}]}, [1, "a"], [None, 1.5]),
        ({"format": "ipv4"}, ["127.0.0.1", 3], ["no address"]),
    ],
)  # fmt: skip
def test_every_keyword_is_judged_as_jsonschema_judges_it(
    schema: dict[str, Any], good: list[Any], bad: list[Any]
) -> None:
    check = compiled_schemas().compile(schema)
    for value in good:
        assert check(value), value
        assert jsonschema_faults(schema, value) == []
    for value in bad:
        assert not check(value), value
        assert jsonschema_faults(schema, value) != []


def test_an_unknown_keyword_is_not_passed_over() -> None:
    with pytest.raises(NotImplementedError, match="dependentRequired"):
        CompiledSchemas({}).compile({"dependentRequired": {"a": ["b"]}})
