"""The block at the head of a published transcript says what the episode is, under many names."""

from index.transcripts.formats.front_matter import read_front_matter


def test_the_dates_and_durations_of_feeds() -> None:
    hints = read_front_matter("pubDate: Tue, 05 Mar 2024 10:00:00 +0000\nduration: 42 min\n")
    assert (hints.published, hints.duration_s) == ("2024-03-05", 2520.0)


def test_durations_as_people_write_them() -> None:
    lengths = ["1:10:00", "1h 10m", "1 hour 10 minutes", "PT1H10M", "70 minutes", "4200", "1.1666666667 h"]
    read = [read_front_matter(f"duration: {length}\n").duration_s for length in lengths]
    assert [round(seconds or 0) for seconds in read] == [4200] * len(lengths)


def test_a_source_that_is_an_address_is_the_address() -> None:
    hints = read_front_matter('source: "https://www.youtube.com/watch?v=Zq3xK9_aF1c"\n')
    assert (hints.source, hints.video_id) == (None, "Zq3xK9_aF1c")
    assert hints.url == "https://www.youtube.com/watch?v=Zq3xK9_aF1c"


def test_media_is_an_address_too() -> None:
    hints = read_front_matter("source: Fire Hour\nmedia: https://youtu.be/Zq3xK9_aF1c\n")
    assert (hints.source, hints.video_id) == ("Fire Hour", "Zq3xK9_aF1c")


def test_guests_as_mappings_and_wiki_links() -> None:
    hints = read_front_matter(
        "guests:\n  - name: Anna Kowalska\n  - name: Chidi Okafor\nhost: '[[Lena Falk]]'\n"
    )
    assert (hints.guests, hints.hosts) == (("Anna Kowalska", "Chidi Okafor"), ("Lena Falk",))


def test_speakers_of_the_front_matter_are_guests_unless_they_are_hosts_or_no_names() -> None:
    hints = read_front_matter("host: Lena Falk\nspeakers:\n  - Lena Falk\n  - Chidi Okafor\n  - Speaker 2\n")
    assert (hints.guests, hints.hosts) == (("Chidi Okafor",), ("Lena Falk",))
