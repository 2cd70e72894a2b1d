"""What the subjects of a library are called, and which episodes belong to them."""

from collections.abc import Mapping
from dataclasses import replace

from index.search.subjects import Stems, subjects_of
from index.storage.records import EpisodeRecord
from index.text.tokens import stems_in

from .test_coverage import episode

SAID = {
    "river": {1: 0.4, 2: 0.3, 3: 0.5, 4: 0.3, 5: 0.2, 6: 0.01},
    "cup": {1: 0.3, 2: 0.3, 7: 0.3},
    "tea": {1: 0.3, 2: 0.3, 7: 0.3},
    "opera": {6: 0.6, 7: 0.5, 8: 0.4},
    "minister": {6: 0.3, 7: 0.3, 8: 0.3},
}


def shares(stems: Stems) -> Mapping[int, float]:
    own = [SAID.get(stem, {}) for stem in stems]
    return {
        number: min(said[number] for said in own) for number in own[0] if all(number in said for said in own)
    }


def named(episodes: list[EpisodeRecord], **options: object) -> dict[str, list[int]]:
    found = subjects_of(episodes, most=7, **options)  # type: ignore[arg-type]
    return {name: sorted(episode.id for episode in own) for name, own in found.items()}


def many_slices(number: int, *terms: str, title: str, **about: object) -> EpisodeRecord:
    spoken = episode(number, 0.0, *terms, title=title, **about)
    return replace(spoken, profile=replace(spoken.profile, n_slices=40))


LIBRARY = [
    many_slices(1, "cup of tea", title="The river comes back"),
    many_slices(2, "cup of tea", title="A morning", guests=["Ada Rivers"], summary="Who owns the river?"),
    many_slices(3, title="Locks and ledgers"),
    many_slices(4, title="The dry river"),
    many_slices(5, title="Ferries"),
    many_slices(6, title="Opera for ministers"),
    many_slices(7, "cup of tea", title="Opera on the radio"),
    many_slices(8, title="Last night at the opera"),
    many_slices(9, title="Nine"),
    many_slices(10, title="Ten"),
]


def test_a_subject_is_named_by_what_people_wrote_and_has_who_speaks_of_it() -> None:
    found = named(LIBRARY, shares=shares)
    assert found["Opera"] == [6, 7, 8]
    assert "Cup of tea" not in found, "said by three, written by nobody"
    assert "Ministers" not in found, "adds nobody to opera"
    assert found["River"] == [1, 2, 3, 4, 5], "and not 6, where it is said in passing"


def test_names_of_people_name_no_subject_unless_they_are_common_words_too() -> None:
    assert "River" in named(LIBRARY, shares=shares), "Ada Rivers is a guest, and somebody owns a river"
    titles = {1: "Rivers Once More", 4: "A Day with Rivers"}
    only_a_name = [
        many_slices(2, title="With Ada Rivers", guests=["Ada Rivers"])
        if episode.id == 2
        else many_slices(episode.id, title=titles.get(episode.id, "Somebody Else"))
        for episode in LIBRARY
    ]
    assert named(only_a_name, shares=shares) == {}


def test_where_nothing_is_written_what_is_said_names_subjects() -> None:
    silent = [episode(number, 0.0, "cup of tea", "weir") for number in (1, 2, 3)]
    assert named(silent) == {"Cup of tea": [1, 2, 3]}


def test_a_word_that_is_written_within_one_phrase_is_shown_as_the_phrase() -> None:
    stamps = [many_slices(n, title=f"Number {n}", summary="The stamp collector again") for n in (1, 2, 3, 4)]
    others = [many_slices(n, title=f"Other {n}") for n in (5, 6, 7)]
    said = {(*stems_in("stamp"),): dict.fromkeys((1, 2, 3, 4), 0.4)}
    assert list(named([*stamps, *others], shares=lambda stems: said.get(stems, {}))) == ["Stamp collector"]


def test_a_contraction_names_no_subject_however_it_is_typeset() -> None:
    titles = [many_slices(n, title=f"Rivers don’t flow {n}") for n in (1, 2, 3, 4)]
    others = [many_slices(n, title=f"Other {n}") for n in (5, 6, 7)]
    assert list(named([*titles, *others])) == ["Rivers"]


def test_a_verb_in_a_title_names_no_subject() -> None:
    titles = [many_slices(n, title=f"What you return {n}") for n in (1, 2, 3, 4)]
    others = [many_slices(n, title=f"Other {n}") for n in (5, 6, 7)]
    assert named([*titles, *others]) == {}
    fares = [many_slices(n, title=f"The return {n}") for n in (1, 2, 3, 4)]
    assert list(named([*fares, *others])) == ["Return"]


def test_headings_count_as_written() -> None:
    bare = [many_slices(number, title=f"Number {number}") for number in (1, 2, 3, 4, 5)]
    headings = {1: ["Who owns the river?"], 2: ["The river"]}
    assert named(bare, shares=shares) == {}
    more = [many_slices(number, title=f"Number {number}") for number in (6, 9, 10, 11)]
    assert list(named([*bare, *more], shares=shares, headings=headings)) == ["River"]


def test_two_subjects_share_no_word_and_no_part_of_a_word() -> None:
    aligned = [many_slices(n, title=f"Alignment {n}") for n in (1, 2, 3)]
    misaligned = [many_slices(n, title=f"Misalignment {n}") for n in (4, 5, 6)]
    others = [many_slices(n, title=f"Other {n}") for n in (7, 8, 9)]
    assert list(named([*aligned, *misaligned, *others])) == ["Alignment"]


def test_an_example_that_two_people_wrote_of_is_no_subject() -> None:
    cups = [
        many_slices(
            number, "kettle", title=f"Talk {number}", summary="A kettle, once more." if number < 9 else None
        )
        for number in (1, 2, 7, 9)
    ]
    said = {1: 0.3, 2: 0.3, 7: 0.3, 9: 0.3}
    others = [many_slices(number, title=f"Talk {number}") for number in range(20, 30)]

    def names(n_written: int) -> set[str]:
        written = [
            replace(episode, about=episode.about.model_copy(update={"summary": None}))
            if place >= n_written
            else episode
            for place, episode in enumerate(cups)
        ]
        return set(
            named([*written, *others], shares=lambda stems: said if stems == (*stems_in("kettle"),) else {})
        )

    assert "Kettle" in names(3)
    assert "Kettle" not in names(2)
