"""Published text in the hands of many programs and people: the seconds and the names are read wherever they stand.

Each shape is three turns by two people, or three lines by nobody, at 4, 9 and 75 seconds.
"""

# ruff: noqa: E501 (a table of inputs reads better in rows)

import pytest

from index.transcripts.formats import parse_transcript

TEXTS = (
    "Welcome to this recording of the harbour hour, we are glad.",
    "Today we are discussing the old crane and its paint.",
    "The paint is blue below and grey above the rail.",
)
NAMES = ("Anna Kowalska", "Chidi Okafor", "Anna Kowalska")
SECONDS = (4, 9, 75)


def filled(shape: str, end: str) -> str:
    """The three turns in a shape with fields for name, text, times as clocks and words."""
    rows = []
    for name, text, second in zip(NAMES, TEXTS, SECONDS, strict=True):
        minutes, seconds = divmod(second, 60)
        first, last = name.split()
        rows.append(
            shape.format(
                n=name, first=first, last=last, caps=name.upper(), t=text, s=second,
                ms=f"{minutes}:{seconds:02}", mmss=f"{minutes:02}:{seconds:02}", hms=f"0:{minutes:02}:{seconds:02}",
                hhmmss=f"00:{minutes:02}:{seconds:02}", m=minutes, sec=seconds,
                until=f"00:{minutes:02}:{seconds + 2:02}", day=f"10:{minutes:02}:{seconds:02}",
                unit=f"{minutes} minute{'' if minutes == 1 else 's'} {seconds} seconds",
                link=f"https://www.youtube.com/watch?v=Zq3xK9_aF1c&t={second}s",
            )
        )  # fmt: skip
    return end.join(rows)


NAMED = {
    "rev": "{n} ({mmss}):\n{t}",
    "rev inline": "{n} ({mmss}): {t}",
    "otter": "{n}  {ms}  \n{t}",
    "otter with hours": "{n}  {hms}\n{t}",
    "descript": "[{hhmmss}] {n}: {t}",
    "descript after": "**{n}:** [{hhmmss}] {t}",
    "bold and time": "**{n}** ({mmss}): {t}",
    "bold with time": "**{n} ({mmss}):** {t}",
    "bold, time, next line": "**{n}** [{hhmmss}]\n{t}",
    "bold, dot and time": "**{n}** · {mmss}\n\n{t}",
    "bold, dot and code": "**{n}** · `{mmss}`\n\n{t}",
    "bold, dash and italics": "**{n}** — *{mmss}* {t}",
    "quoted bold, bar and time": "> **{n}** | {mmss}\n>\n> {t}",
    "bold range": "**{n}** ({hhmmss} - {until})\n\n{t}",
    "bold time first": "**[{mmss}] {n}:** {t}",
    "italic time": "**{n}** *{hhmmss}*\n\n{t}",
    "code time": "**{n}** `{hhmmss}` {t}",
    "bar": "{n} | {mmss}\n{t}",
    "bar, time first": "{mmss} | {n}\n{t}",
    "dash": "{n} – {hhmmss}:\n{t}",
    "dash, time first": "{hhmmss} - {n}\n{t}",
    "fathom": "@{ms} - **{n}**\n{t}",
    "fathom plain": "@{ms} - {n} (Harbour Office)\n{t}",
    "comma": "{n}, {mmss}\n{t}",
    "escaped": "**{n}:** \\[{mmss}\\] {t}",
    "escaped first": "\\[{mmss}\\] **{n}:** {t}",
    "linked": "**{n}** [({hhmmss})]({link}) {t}",
    "linked time first": "[{hhmmss}]({link}) **{n}:** {t}",
    "linked sign": "[▶]({link}) **{n}:** {t}",
    "no space": "{n} ({mmss}):{t}",
    "linked name": "[{n}]({link}): {t}",
    "name, link, text": "{n}\n[({hhmmss})]({link})\n{t}",
    "name, time, text": "{n}\n{ms}\n{t}",
    "time, name, text": "{mmss}\n{n}\n{t}",
    "teams": "{n}\n{unit}\n{ms}\n{t}",
    "teams document": "**{n}**   {ms}\n{t}",
    "heading": "### {n} ({hhmmss})\n\n{t}",
    "heading time first": "## [{hhmmss}] {n}\n\n{t}",
    "heading dash": "### {hhmmss} - {n}\n\n{t}",
    "heading, then time": "### {n}\n{mmss}\n\n{t}",
    "list": "- **{n}** ({mmss}): {t}",
    "list time first": "- [{mmss}] {n}: {t}",
    "quote": "> **{n}** ({mmss}): {t}",
    "zoom": "[{n}] {day}\n{t}",
    "zoom chat": "{day} From {n} to Everyone: {t}",
    "brackets": "[{n}] [{mmss}] {t}",
    "one bracket": "[{n} {mmss}] {t}",
    "one bracket, time first": "[{mmss} {n}] {t}",
    "sonix": "{n}: [{hhmmss}]\n{t}",
    "temi": "{n}: ({mmss})\n{t}",
    "capitals": "{caps} ({mmss}): {t}",
    "time, name, text in a line": "{hhmmss} {n}: {t}",
    "tab": "{hhmmss}\t{n}\t{t}",
    "table": "| {hhmmss} | {n} | {t} |",
    "table with ends": "| {hhmmss} | {until} | {n} | {t} |",
    "range first": "[{hhmmss} --> {until}] {n}: {t}",
    "fraction": "{n} ({hhmmss}.250):\n{t}",
    "html": "<p><strong>{n}</strong> ({mmss}): {t}</p>",
    "date": "2024-03-05 {day} {n}: {t}",
    "label on": "{n} [{hhmmss}]: {t}",
}
NAMELESS = {
    "brackets": "[{mmss}] {t}",
    "parentheses": "({mmss}) {t}",
    "bare": "{hhmmss} {t}",
    "short": "{ms} {t}",
    "next line": "{ms}\n{t}",
    "youtube": "{ms}\n{unit}\n{t}",
    "bold": "**{mmss}** · {t}",
    "bold bracket": "**[{mmss}]** {t}",
    "heading": "### {hhmmss}\n{t}",
    "heading range": "## {hhmmss} - {until}\n{t}",
    "linked": "[{hhmmss}]({link}) {t}",
    "linked list": "- [{hhmmss}]({link}): {t}",
    "numbered": "1. [{mmss}] {t}",
    "escaped": "\\[{hhmmss}\\] {t}",
    "whisper": "[{hhmmss}.000 --> {until}.500]   {t}",
    "whisper short": "[{mmss}.000 -> {mmss}.900]  {t}",
    "faster-whisper": "[{s}.00s -> {s}.90s] {t}",
    "dash range": "{hhmmss} - {until}: {t}",
    "bracket range": "[{hhmmss} – {until}] {t}",
    "chevrons": "[{mmss}] >> {t}",
    "spelt": "({m}m {sec}s) {t}",
    "wide": "【{mmss}】{t}",
    "colon": "[{mmss}]: {t}",
    "dash": "[{mmss}] - {t}",
    "table": "| {hhmmss} | {t} |",
    "html": "<p><time>{mmss}</time> {t}</p>",
}


@pytest.mark.parametrize("end", ["\n\n", "\n"])
@pytest.mark.parametrize("shape", NAMED)
def test_turns_with_names(shape: str, end: str) -> None:
    cues = parse_transcript(filled(NAMED[shape], end).encode(), name="x.md").cues
    names = tuple(name.upper() for name in NAMES) if shape == "capitals" else NAMES
    suffix = " (Harbour Office)" if shape == "fathom plain" else ""
    first_s = SECONDS[0] if shape in {"zoom", "zoom chat", "date"} else 0
    fraction_s = 0.25 if shape == "fraction" else 0.0
    assert [(cue.speaker, cue.start_s, cue.text) for cue in cues] == [
        (name + suffix, second - first_s + fraction_s, text)
        for name, second, text in zip(names, SECONDS, TEXTS, strict=True)
    ]


@pytest.mark.parametrize("end", ["\n\n", "\n"])
@pytest.mark.parametrize("shape", NAMELESS)
def test_lines_without_names(shape: str, end: str) -> None:
    cues = parse_transcript(filled(NAMELESS[shape], end).encode(), name="x.md").cues
    assert [(cue.speaker, cue.start_s, cue.text) for cue in cues] == [
        (None, second, text) for second, text in zip(SECONDS, TEXTS, strict=True)
    ]


@pytest.mark.parametrize("file", ["x.txt", "x.md"])
@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("Anna", "Chidi"),
        ("Anna Kowalska (She/Her)", "Chidi Okafor (He/Him)"),
        ("Kowalska, Anna", "Okafor, Chidi"),
        ("ANNA KOWALSKA", "CHIDI OKAFOR"),
        ("Dr. Anna Kowalska", "J. R. Okafor"),
        ("Anna K.", "Chidi O."),
        ("SPEAKER_00", "SPEAKER_01"),
        ("Speaker 1", "Speaker 2"),
        ("Интервьюер", "Анна Ковальская"),
        ("Спикер №1", "Спикер №2"),
        ("发言人1", "发言人2"),
        ("AK", "CO"),
        ("Q", "A"),
        ("Anna van der Berg", "Chidi O'Neill-Okafor"),
    ],
)
def test_names_as_people_write_them(one: str, two: str, file: str) -> None:
    text = "\n\n".join(f"{name}: {text}" for name, text in zip((one, two, one), TEXTS, strict=True))
    assert [cue.speaker for cue in parse_transcript(text.encode(), name=file).cues] == [one, two, one]


def test_wide_colons() -> None:
    text = "主持人：今天我们来谈谈港口的旧起重机。\n\n嘉宾：它在洪水之前是蓝色的。\n\n主持人：上面是灰色的，下面是蓝色的。\n"
    assert [cue.speaker for cue in parse_transcript(text.encode(), name="x.txt").cues] == [
        "主持人",
        "嘉宾",
        "主持人",
    ]


def test_initials_that_the_file_spells_out() -> None:
    text = f"Anna Kowalska (AK): {TEXTS[0]}\n\nChidi Okafor (CO): {TEXTS[1]}\n\nAK: {TEXTS[2]}\n\nCO: Indeed it is.\n"
    cues = parse_transcript(text.encode(), name="x.md").cues
    assert [cue.speaker for cue in cues] == ["Anna Kowalska", "Chidi Okafor"] * 2


@pytest.mark.parametrize(
    "line",
    [
        "Stay Updated:", "Follow Us: on the hill", "Note: the sound is bad", "Sponsored By: the Harbour Bank",
        "**Key Takeaways:**", "Release Process: see below", "Timestamps:", "Subscribe: https://example.org",
    ],
)  # fmt: skip
def test_a_line_of_a_description_is_nobody(line: str) -> None:
    text = f"# The crane\n\nA walk.\n\n{line}\nWith us.\n\n## Transcript\n\n{TEXTS[0]}\n\n{TEXTS[1]}\n\n{TEXTS[2]}\n"
    cues = parse_transcript(text.encode(), name="x.md").cues
    assert [(cue.speaker, cue.text) for cue in cues] == [(None, text) for text in TEXTS]


def test_times_that_are_spoken_of_are_words() -> None:
    text = (
        "We met at 10:40 in the morning and talked about the crane for an hour or so.\n"
        "11:15 was when the others came, and they had brought their own paint with them.\n"
        "Nobody left before 12:30 in spite of the rain, which was heavy.\n"
    )
    cues = parse_transcript(text.encode(), name="x.txt").cues
    assert " ".join(cue.text for cue in cues) == " ".join(text.split())
    assert all(cue.start_s is None for cue in cues)


def test_a_table_of_contents_is_not_spoken() -> None:
    contents = "00:00 Welcome\n00:09 The crane\n01:15 The paint\n"
    text = f"{contents}\n" + filled("({mmss}) {t}", "\n\n")
    cues = parse_transcript(text.encode(), name="x.txt").cues
    assert [(cue.start_s, cue.text) for cue in cues] == list(zip(SECONDS, TEXTS, strict=True))


def test_a_list_below_a_heading_that_says_transcript_is_spoken_however_short() -> None:
    about = "A walk around the crane with everybody who has ever painted it, in the rain and in the sun. " * 9
    text = f"# The crane\n\n{about}\n\n### Video Transcription\n\n" + filled(
        "- [{hhmmss}]({link}) {t}", "\n\n"
    )
    cues = parse_transcript(text.encode(), name="x.md").cues
    assert [(cue.start_s, cue.text) for cue in cues] == list(zip(SECONDS, TEXTS, strict=True))


def test_headings_get_their_second_from_the_table_of_contents() -> None:
    text = (
        "# The crane\n\n## Chapters\n\n- 0:00 Welcome\n- 1:15 The paint\n\n## Transcript\n\n"
        f"### Welcome\n\n{TEXTS[0]}\n\n{TEXTS[1]}\n\n### The paint\n\n{TEXTS[2]}\n"
    )
    cues = parse_transcript(text.encode(), name="x.md").cues
    assert [(cue.start_s, cue.chapter) for cue in cues] == [
        (0, "Welcome"),
        (None, "Welcome"),
        (75, "The paint"),
    ]


def test_stamps_in_the_middle_of_paragraphs() -> None:
    text = (
        f"**Anna:** {TEXTS[0]} [0:04] {TEXTS[1]} [0:09] {TEXTS[2]}\n\n"
        "**Chidi:** Indeed it is. [1:15] We know.\n\n**Anna:** Yes."
    )
    cues = parse_transcript(text.encode(), name="x.md").cues
    assert [(cue.speaker, cue.start_s, cue.text) for cue in cues] == [
        ("Anna", None, TEXTS[0]),
        ("Anna", 4, TEXTS[1]),
        ("Anna", 9, TEXTS[2]),
        ("Chidi", None, "Indeed it is."),
        ("Chidi", 75, "We know."),
        ("Anna", None, "Yes."),
    ]


def test_a_word_between_two_stamps_is_said_and_no_name() -> None:
    for word in ("Hey.", "Wow", "Cool.", "Mhm."):
        text = "".join(f"**0:{n:02}** · {TEXTS[n % 3] if n % 2 else word}\n\n" for n in range(10))
        cues = parse_transcript(text.encode(), name="x.md").cues
        assert [cue.speaker for cue in cues] == [None] * 10
        assert cues[2].text == word


def test_the_report_says_how_much_is_timed() -> None:
    report = parse_transcript(filled(NAMED["rev"], "\n\n").encode(), name="x.md").report
    assert (report.n_cues, report.n_timed, report.n_stamps) == (3, 3, 3)


def test_notes_that_quote_from_all_over_a_recording_have_no_times() -> None:
    clocks = ["40:00", "10:00", "30:00", "05:00", "50:00", "20:00", "00:10", "45:00", "15:00", "35:00"]
    text = "\n\n".join(f"[{clock}] {TEXTS[1]}" for clock in clocks)
    transcript = parse_transcript(text.encode(), name="x.md")
    assert (transcript.report.n_timed, transcript.report.n_stamps) == (0, 10)
    assert [part.reason for part in transcript.skipped] == ["order"] * 10


@pytest.mark.parametrize(
    "end",
    [
        "\nTranscription ended after 00:02:05\n\n"
        "This editable transcript was computer generated and might contain errors. People can change it.",
        "\n\nTranscription ended after 00:02:05\nThis editable transcript was computer generated and might contain errors.",
        "\n\nTranscribed by https://otter.ai",
        "\n\nDie Transkription wurde nach 00:02:05 beendet\n\n"
        "Dieses bearbeitbare Transkript wurde computergeneriert und kann Fehler enthalten.",
    ],
)
def test_what_a_program_writes_below_the_last_words_is_said_by_nobody(end: str) -> None:
    text = "\n".join(f"{name}: {words}" for name, words in zip(NAMES, TEXTS, strict=True)) + end
    cues = parse_transcript(text.encode(), name="meet.txt").cues
    assert [(cue.speaker, cue.text) for cue in cues] == list(zip(NAMES, TEXTS, strict=True))


@pytest.mark.parametrize(
    ("head", "row"),
    [
        ("| Speaker | Transcript |\n|---|---|", "| {n} | {t} |"),
        ("| Time | Speaker | Text |\n| :-- | :--: | --- |", "| {mmss} | {n} | {t} |"),
    ],
)
def test_the_names_of_a_tables_columns_are_nobodys_words(head: str, row: str) -> None:
    text = f"# The crane\n\n{head}\n" + filled(row, "\n")
    cues = parse_transcript(text.encode(), name="talk.md").cues
    assert [(cue.speaker, cue.text) for cue in cues] == list(zip(NAMES, TEXTS, strict=True))


def test_a_numbered_voice_after_a_stamp_is_a_speaker_without_a_colon() -> None:
    rows = [f"00:{at}0-00:{at}9 SPEAKER_0{at % 2} {words}" for at, words in enumerate(TEXTS)]
    cues = parse_transcript("\n".join(rows).encode(), name="talk.txt").cues
    assert [(cue.speaker, cue.text) for cue in cues] == [
        (f"SPEAKER_0{at % 2}", words) for at, words in enumerate(TEXTS)
    ]
