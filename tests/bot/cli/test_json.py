"""What every ``--json`` prints on the sample library is as docs/json.md says."""

import json
from typing import Any

import json_contract
import pytest
from jsonschema import Draft202012Validator

from bot.app.settings import DATA

_SCHEMA_OF = {
    "found": "find", "card": "episode", "related": "related", "counterbalance": "counterbalance",
    "scored": "score", "map": "map", "words": "read",
}  # fmt: skip


def check(value: Any, kind: str) -> None:
    """Fail where ``value`` is not as the document and the schema that is shipped say of ``kind``."""
    json_contract.check(value, kind)
    if kind in _SCHEMA_OF:
        schema = json_contract.SCHEMA_FOLDER / f"{_SCHEMA_OF[kind]}.json"
        Draft202012Validator(json.loads(schema.read_text(encoding="utf-8"))).validate(value)


GUNNAR = "gunnar-eziokwu-on-what-cannot-be-recalled"


def test_find(sample) -> None:
    ran = sample.run("find", "homework", "and", "tutors", "--json", "-n", "3")
    assert (ran.code, ran.err) == (0, "")
    check(ran.json, "found")
    assert 1 <= len(ran.json["passages"]) <= 3
    assert [passage["rank"] for passage in ran.json["passages"]] == list(
        range(1, len(ran.json["passages"]) + 1)
    )
    ranks = sorted(rank for hit in ran.json["episodes"] for rank in hit["passages"])
    assert ranks == [passage["rank"] for passage in ran.json["passages"]]
    for passage in ran.json["passages"]:
        assert passage["quote"] in passage["text"]


def test_find_nothing_is_an_answer_too_and_ends_with_1(sample) -> None:
    ran = sample.run("find", "zzyzx qwrtplk", "--json")
    assert ran.code == 1
    check(ran.json, "found")
    assert ran.json["passages"] == []


def test_a_batch_answers_each_question_in_order_with_its_id(sample, put) -> None:
    asked = [("b", "homework"), ("a", "zzyzx qwrtplk"), (3, "who pays when a model is wrong")]
    rows = put("q.jsonl", "\n".join(json.dumps({"id": name, "query": query}) for name, query in asked))
    ran = sample.run("find", "--batch", rows, "--json")
    assert ran.code == 0
    assert [(line.pop("id"), line["query"]) for line in ran.lines] == asked
    for line in ran.lines:
        line.pop("id")
        check(line, "found")


@pytest.mark.parametrize("slug", [GUNNAR, "hollis-tamura-wray-on-a-mind-that-knows-it-is-read"])
def test_episode(sample, slug) -> None:
    card = sample.run("episode", slug, "--json").json
    check(card, "card")
    assert len(card["arc"]) == card["n_slices"]
    assert sum(card["shares"]) == pytest.approx(1, abs=1e-3)
    assert [marker["marker"] for marker in card["markers"]] == ["lowest", "median", "highest"]
    lowest, median, highest = (marker["position"] for marker in card["markers"])  # of what guests say
    assert card["min"] <= lowest <= median <= highest <= card["max"]


def test_read(sample) -> None:
    words = sample.run("read", GUNNAR, "1:30", "--around", "0", "--json").json
    check(words, "words")
    (spoken,) = words["slices"]
    assert spoken["start_s"] <= 90 <= spoken["end_s"]
    assert spoken["slice"] == words["at"] == sample.run("read", GUNNAR, "90", "--json").json["at"]
    assert len(sample.run("read", GUNNAR, "--slice", "1", "--json").json["slices"]) == 3
    assert words["slices"][0]["turns"][0]["text"] in sample.run("read", GUNNAR, "1:30", COLUMNS="9999").said
    assert (
        sample.run("read", GUNNAR, "soon").code == sample.run("read", GUNNAR, "9", "--slice", "1").code == 2
    )
    assert "there is nothing at 2:46:40" in sample.run("read", GUNNAR, "10000").said


def test_related_and_counterbalance(sample) -> None:
    related = sample.run("related", GUNNAR, "--json", "-n", "2")
    check(related.json, "related")
    assert len(related.json["related"]) == 2
    answer = sample.run("counterbalance", GUNNAR, "--json", "-n", "2").json
    check(answer, "counterbalance")
    assert answer["mirror"] == -answer["position"]
    for pick in answer["picks"]:
        assert pick["difference"] == pytest.approx(pick["position"] - answer["position"], abs=0.011)
        assert pick["topic"] > 0


def test_map(sample) -> None:
    library = sample.run("map", "--json").json
    check(library, "map")
    assert sum(len(subject["episodes"]) for subject in library["subjects"]) >= library["n_episodes"] == 14


def test_score(sample, put) -> None:
    ran = sample.run("score", "-", "--json", typed=b"Nobody can stop a machine that means to kill us all.")
    check(ran.json, "scored")
    assert ran.json["position"] < 0
    rows = put("t.jsonl", '{"id": "x", "text": "A cure at last."}\n\n{"id": "y", "text": "Tea."}\n')
    lines = sample.run("score", "--batch", rows, "--json").lines
    assert [line.pop("id") for line in lines] == ["x", "y"]
    for line in lines:
        check(line, "scored")


def test_add_index_and_doctor(small, put) -> None:
    good = DATA / "library" / "tove-kassabian-on-short-clocks"
    ran = small.run("add", good, put("no.vtt", b"\x00\x01"), "--json")
    assert ran.code == 1
    added, refused = ran.lines
    check(added, "added")
    check(refused, "refused")
    report = small.run("index", "--json")
    assert report.code == 0, report.said
    check(report.json, "report")
    assert (report.json["episodes"], report.json["is_new"]) == (3, True)
    checks = small.run("doctor", "--json")
    check(checks.json, "list of check")
    assert checks.code == 0, checks.said


def test_evaluate(sample, put) -> None:
    report = sample.run("evaluate", "find", "--json").json["sample"]
    for figure in ("hit@1", "hit@5", "MRR@10", "episode@3"):
        assert report[figure]["low"] <= report[figure]["value"] <= report[figure]["high"]
    assert report["questions"] + report["foreign questions"] == 38
    assert set(report["by kind"]) == {"its own words", "other words"}
    for grouping in ("by source", "by kind"):
        groups = report[grouping].values()
        assert sum(group["questions"] for group in groups) == report["questions"]
        hits = sum(group["questions"] * group["hit@5"]["value"] for group in groups)
        assert round(hits / report["questions"], 3) == round(report["hit@5"]["value"], 3)
    labels = [
        {"id": n, "text": text, "position": position, "lens": "societal"}
        for n, (text, position) in enumerate(
            [("It will kill us all.", -2), ("A wonderful cure for everybody.", 2), ("We had tea.", 0)] * 3
        )
    ]
    rows = put("p.jsonl", "\n".join(map(json.dumps, labels)))
    report = sample.run("evaluate", "positions", rows, "--json").json
    assert report["figures"]["Spearman"]["value"] > 0.5
    assert report["figures"]["right side, of labels of 1 or more"]["value"] == 1.0
    assert [row["confidence"] for row in report["reliability"]] == ["low", "medium", "high"]
    of_no_lens = put("q.jsonl", "\n".join(json.dumps(label | {"lens": ""}) for label in labels))
    without = sample.run("evaluate", "positions", of_no_lens, "--json").json["figures"]
    assert report["figures"].keys() - without.keys() == {"accuracy of lens"}


def test_every_figure_of_positions_is_documented(sample) -> None:
    ran = sample.run("evaluate", "positions", DATA / "questions" / "told-positions.jsonl", "--json")
    document = (DATA.parent / "docs" / "json.md").read_text(encoding="utf-8")
    text = " ".join(document.split())
    assert [figure for figure in ran.json["figures"] if f"`{figure}`" not in text] == []
