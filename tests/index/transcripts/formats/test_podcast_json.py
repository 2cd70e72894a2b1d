"""Podcasting 2.0 transcripts: sentences stay, single words are gathered with their seconds."""

from collections.abc import Callable

from index.transcripts.model import Transcript

Read = Callable[[str], Transcript]


def test_sentences_come_as_they_are(read: Read) -> None:
    transcript = read("sentences.json")
    assert [(cue.speaker, cue.text, cue.start_s, cue.end_s) for cue in transcript.cues] == [
        ("Mara Okonjo", "The lamp went out.", 0.5, 4.75),
        ("Tobias Fenn", "And nobody saw it.", 4.75, 9.0),
    ]
    assert transcript.format == "podcast_json"


def test_single_words_are_gathered_by_sentence_and_speaker(read: Read) -> None:
    cues = read("words.json").cues
    assert [(cue.speaker, cue.text) for cue in cues] == [
        ("Mara Okonjo", "The lamp went out."),
        ("Mara Okonjo", "Nobody saw it go."),
        ("Tobias Fenn", "We did, honestly."),
    ]
    assert cues[0].word_starts_s == (0.0, 0.4, 0.8, 1.2)
    assert len(cues[2].word_starts_s) == 3
