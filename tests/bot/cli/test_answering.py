"""The commands that answer, as a person runs them and reads them."""

import os
import pty
import re
import shlex
import subprocess
import sys
from contextlib import suppress
from itertools import pairwise
from pathlib import Path

import pytest

README, MAKEFILE = (Path(__file__).resolve().parents[3] / name for name in ("README.md", "Makefile"))
GUNNAR = "gunnar-eziokwu-on-what-cannot-be-recalled"
TUTORS = "josefina-arrate-on-tutors-in-the-valley-schools"
LINK = re.compile(r"https://recordings\.example/[a-z-]+#t=\d+$")


@pytest.mark.parametrize("columns", ["80", "120"])
def test_an_answer_fits_its_terminal_with_every_quote_under_its_indent_and_every_link_whole(
    sample, columns
) -> None:
    ran = sample.run("find", "who", "pays", "when", "a", "model", "is", "wrong", COLUMNS=columns)
    assert (ran.code, ran.err) == (0, "")
    lines = ran.out.splitlines()
    assert lines[0], "no needless blank line"
    assert "" not in {a + b for a, b in pairwise(lines)}, "one blank line between episodes"
    links = [line for line in lines if "https://" in line]
    assert links
    assert all(LINK.match(line.strip()) for line in links)
    assert all(len(line) <= int(columns) for line in lines if line not in links)
    inside = False
    for line in lines:
        inside = inside or line.lstrip().startswith("“")
        if inside:
            assert re.match(r" {5}\S", line), line
        inside = inside and not line.endswith("”")


def test_what_the_readme_shows_is_what_the_commands_print(sample) -> None:
    shown = README.read_text(encoding="utf-8").split("prints after indexing:")[1].split("```")[1]
    asked = re.split(r"^\$ counterpoint (.+)$", shown, flags=re.MULTILINE)[1:]
    assert len(asked) == 4
    for command, answer in zip(asked[::2], asked[1::2], strict=True):
        ran = sample.run(*shlex.split(command), COLUMNS="88")
        assert without_positions(ran.out) == without_positions(answer), command
        assert f"--state $(DEMO) {command}\n" in MAKEFILE.read_text()


def without_positions(answer: str) -> str:
    """Return ``answer`` without positions and scales, which the processor's arithmetic may move by a point."""
    lines = [line.strip() for line in answer.strip().splitlines() if "◀" not in line]
    return re.sub(r"[+−]\d+|\b0 Mixed|there 0\b", "N", "\n".join(lines))


def test_filters_are_applied_and_nothing_left_is_said_with_1(sample) -> None:
    narrow = ("find", "model", "--json")
    assert {
        passage["source"] for passage in sample.run(*narrow, "--source", "the long bench").json["passages"]
    } == {"The Long Bench"}
    assert {passage["lens"] for passage in sample.run(*narrow, "--lens", "Governance").json["passages"]} == {
        "governance"
    }
    assert {passage["band"] for passage in sample.run(*narrow, "--band", "mixed").json["passages"]} == {
        "Mixed"
    }
    episodes = sample.run(*narrow, "--since", "2026-03-01", "--until", "2026-06-30").json["episodes"]
    assert episodes
    assert all("2026-03-01" <= episode["published"] <= "2026-06-30" for episode in episodes)
    year = sample.run("find", "model", "--since", "2026", "--until", "2026", "--json")
    assert year.code == 0, year.said
    assert sample.run(*narrow, "--since", "2026-3", "--until", "06.2026").json["episodes"] == episodes
    nothing = sample.run("find", "model", "--since", "2031-01-01")
    assert nothing.code == 1
    assert nothing.out.startswith("Nothing close to that was found within these limits.")


def test_where_a_transcript_names_nobody_an_answer_limited_to_its_guest_says_so(sample) -> None:
    limited = sample.run("find", "homework", "--speaker", "bertil osei")
    assert "somebody else may be speaking" in limited.out.replace("\n", " ")
    assert "somebody else may be speaking" not in sample.run("find", "homework").out.replace("\n", " ")
    named = sample.run("find", "the machine translates letters", "--speaker", "odile mbarga")
    assert "somebody else may be speaking" not in named.out.replace("\n", " ")


def test_a_speaker_whom_nobody_is_called_is_an_error_and_one_nearly_right_is_taken(sample) -> None:
    nobody = sample.run("find", "models", "--speaker", "nobody at all")
    assert nobody.code == 1
    assert "No transcript names “nobody at all” as a speaker" in nobody.err.replace("\n", " ")
    nearly = sample.run("find", "the machine translates letters", "--speaker", "odile mbargo", "--json")
    assert nearly.code == 0
    assert {passage["speaker"] for passage in nearly.json["passages"]} == {"Odile Mbarga"}


def test_the_whole_profile_is_there(sample) -> None:
    ran = sample.run("episode", GUNNAR)
    assert ran.code == 0
    for part in (
        *("Why this matters", "Summary", "Editor's note", "Perspective", "Arc, start to end", "Why here"),
        *(
            "Editor's assessment",
            "Transcript",
            "uploaded captions",
            "lens",
            "confidence",
            "evidence: transcript",
        ),
        *("lowest", "median", "highest", "range", "p10 to p90", "% risk-forward", "Captions mis-hear"),
    ):
        assert part in ran.out, part
    assert sum(bool(LINK.search(line)) for line in ran.out.splitlines()) == 3, "three markers with links"


@pytest.mark.parametrize(
    ("name", "code", "said"),
    [
        (GUNNAR, 0, "Gunnar"),
        ("eziokwu", 0, "Gunnar"),
        ("what cannot be recalled", 0, "Gunnar"),
        ("on", 2, "may mean several episodes"),
        ("zzyzx", 1, "I know no episode “zzyzx”"),
        ("../../etc/passwd", 1, "I know no episode"),
    ],
)
def test_an_episode_is_named_by_slug_or_enough_of_its_title(sample, name, code, said) -> None:
    ran = sample.run("episode", name)
    assert ran.code == code
    assert said in ran.said
    assert bool(ran.out) == (code == 0), "complaints go to the other stream"


@pytest.mark.parametrize("episode", [GUNNAR, TUTORS])
def test_counterbalance_sets_two_people_against_each_other_or_says_that_nobody_answers(
    sample, episode
) -> None:
    ran = sample.run("counterbalance", episode, "-n", "1")
    assert ran.code == 0
    answer = sample.run("counterbalance", episode, "-n", "1", "--json").json
    (pick,) = answer["picks"]
    quotes = re.findall(r"^( +)“", ran.out, flags=re.MULTILINE)
    if answer["outcome"] == "crux":
        assert [len(indent) for indent in quotes] == [3, 9], "one speaks, the other is set off"
        assert f"Both seem to speak to: {pick['question']}" in ran.said
    else:
        assert quotes == []
        assert "Nobody in this library clearly answers this episode from the other side." in ran.said
    for part in ("here ", "there ", pick["title"]):
        assert part in ran.said
    is_beside = "not clearly on another side" in ran.said
    assert ("difference " in ran.said) != is_beside, "who stands beside it differs in nothing that counts"


def test_related_says_why(sample) -> None:
    ran = sample.run("related", GUNNAR, "-n", "2")
    assert ran.code == 0
    assert ran.out.count("topic 0.") == 2
    assert "same shelf" in ran.out


def test_a_text_is_scored_from_a_file_and_from_standard_input_alike(sample, put) -> None:
    words = "Nobody can stop a machine that means to kill us all."
    from_file = sample.run("score", put("a.txt", words))
    typed = sample.run("score", "-", typed=words.encode())
    assert from_file.code == typed.code == 0
    assert from_file.out == typed.out
    assert "Risk-forward" in typed.out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("find",), "Say what to find"),
        (("find", ""), "Say what to find"),
        (("find", " ", "\u200b"), "Say what to find"),
        (("find", "a", "--batch", "q.jsonl"), "Say what to find"),
        (("find", "a", "--lens", "legal"), "“legal” is no lens; choose from “technical”"),
        (("find", "a", "--since", "spring"), "“spring” is no day that I can read. Write a year"),
        (("find", "a", "--until", "2026-13"), "“2026-13” is no day that I can read"),
        (("find", "a", "--since", "2026", "--until", "2025"), "the first day is after the last"),
        (("add", "x.vtt", "--published", "2026"), "“2026” is no day. Write --published as 2025-12-24."),
        (("transcribe", "x.wav", "--published", "soon"), "“soon” is no day"),
        (("find", "a", "-n", "0"), "-n"),
        (("find", "--batch", "no-such.jsonl"), "no-such.jsonl"),
        (("score",), "Name a text file"),
        (("score", "no-such.txt"), "There is no file no-such.txt."),
        (("score", "-"), "There is no text in standard input."),
        (("episode",), "EPISODE"),
        (("evaluate", "positions", "no-such.jsonl"), "no-such.jsonl"),
        (("dance",), "dance"),
    ],
)
def test_wrong_use_ends_with_2_and_says_what_was_wrong(sample, arguments, said) -> None:
    ran = sample.run(*arguments)
    assert ran.code == 2
    assert said in ran.said
    assert ran.out == ""


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ('{"id": 1, "query": "a"}\n{"id": 2}', "line 2 cannot be used: query is missing"),
        ('{"id": 1, "query": "a"}\n\n{"id": 2,', "line 3 cannot be used: no valid JSON"),
        ("[" * 100_000, "line 1 cannot be used: no valid JSON"),
        ("[1]", "line 1 cannot be used: id is missing"),
        (b"\xff\xfe\x00", "cannot be used: cannot be read"),
    ],
)
def test_a_broken_batch_is_refused_by_its_line_before_anything_is_answered(
    sample, put, content, said
) -> None:
    ran = sample.run("find", "--batch", put("q.jsonl", content))
    assert (ran.code, ran.out) == (2, "")
    assert f"q.jsonl{',' if 'line' in said else ''} {said}" in ran.said


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"caf\xe9 au lait", "a.txt, line 1 is not readable text"),
        (b"\x89PNG\r\n\x1a\n", "a.txt is a picture"),
        (b" \n ", "There is no text in"),
    ],
)
def test_what_is_no_text_is_not_scored(sample, put, content, said) -> None:
    path = put("a.txt", content)
    for ran in (sample.run("score", path), sample.run("score", "-", typed=content)):
        assert (ran.code, ran.out) == (2, "")
    assert said in sample.run("score", path).said


def test_measuring_the_sample_prints_figures_and_misses(sample, put, tmp_path: Path) -> None:
    kept = tmp_path / "kept.jsonl"
    first = sample.run("evaluate", "find", "--save", kept)
    assert first.code == 0
    for part in ("hit@1", "MRR@10", "95 % interval", "foreign answered", "by source", "its own words"):
        assert part in first.out
    again = sample.run("evaluate", "find", "--against", kept, "--json").json["against"]
    assert again["questions"] == 28
    assert again["MRR@10"]["p"] == 1.0
    assert sample.run("evaluate", "find", "--against", put("old.jsonl", '{"id": "s001"}')).code == 2
    assert sample.run("evaluate", "find", "--save", tmp_path / "no" / "where").code == 2
    assert sample.run("evaluate", "find", put("none.jsonl", "")).code == 2


def test_a_reranker_that_is_no_model_is_named(sample, tmp_path) -> None:
    ran = sample.run("find", "homework", COUNTERPOINT_RERANKER=str(tmp_path))
    assert (ran.code, ran.out) == (1, "")
    assert tmp_path.name in ran.said
    assert sample.run("find", "homework", COUNTERPOINT_RERANKER="").code == 0


@pytest.mark.parametrize("position", ["far", 3, None, True])
def test_a_label_off_its_scale_is_refused(sample, put, position) -> None:
    row = f'{{"id": "a", "text": "Tea.", "lens": "societal", "position": {str(position).lower()!r}}}'
    row = row.replace("'", '"') if position == "far" else row.replace("'", "")
    ran = sample.run("evaluate", "positions", put("p.jsonl", row.replace("none", "null")))
    assert (ran.code, ran.out) == (2, "")
    assert "position" in ran.said


def test_a_reader_that_stops_reading_is_no_crash(sample) -> None:
    program = [sys.executable, "-m", "bot.cli.app", "--library", sample.library, "--state", sample.state]
    running = subprocess.Popen(
        [*program, "find", "homework", "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=Path.cwd(),
    )
    assert running.stdout is not None
    assert running.stderr is not None
    running.stdout.close()
    said = running.stderr.read()
    running.stderr.close()
    running.wait()
    assert b"Traceback" not in said


def test_on_a_terminal_links_are_links_and_nothing_flickers(sample) -> None:
    shown = _on_a_terminal(sample, "find", "homework", "-n", "1")
    plain = re.sub(r"\x1b\]8;[^\x1b]*\x1b\\|\x1b\[[0-9;?]*[A-Za-z]", "", shown)
    assert "\x1b]8;" in shown
    assert "\x1b[?25l" not in shown, "no bar for what is quick"
    assert plain.replace("\r\n", "\n") == sample.run("find", "homework", "-n", "1", COLUMNS="80").out


def test_no_colour_is_no_colour(sample) -> None:
    assert "\x1b[3" not in _on_a_terminal(sample, "find", "homework", "-n", "1", NO_COLOR="1")


def _on_a_terminal(sample, *arguments: str, **variables: str) -> str:
    """What a terminal of 80 columns is sent."""
    ours, theirs = pty.openpty()
    running = subprocess.Popen(
        [
            *(sys.executable, "-m", "bot.cli.app", "--library", sample.library, "--state", sample.state),
            *arguments,
        ],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env={**os.environ, "TERM": "xterm-256color", "COLUMNS": "80", "LINES": "24", **variables},
        cwd=Path(__file__).resolve().parents[3],
    )
    os.close(theirs)
    sent = b""
    with suppress(OSError):  # how the end of a terminal is told
        while part := os.read(ours, 65536):
            sent += part
    running.wait()
    os.close(ours)
    return sent.decode()
