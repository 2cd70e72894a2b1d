"""Which sentences of a slice to quote when it is the slice that speaks, and no question was asked."""

from index.storage.records import SliceRecord


def telling_stretch(record: SliceRecord, most: int) -> tuple[int, int]:
    """Start and end of the whole sentences, together up to ``most`` characters, that pull most the slice's way.

    They are one person's: a quotation does not run over a change of speaker. What pulls is given the sentences after
    and before it as far as they fit into half of ``most``; where nothing pulls, the longest stretch that fits is
    taken. A sentence that alone is longer is whole. Ties take the earlier, then the shorter stretch. Offsets are in
    the slice's text.
    """
    units, reading = list(record.piece.units()), record.reading
    way = -1.0 if reading.position < 0 else 1.0
    pulls = [
        sum(way * one.pull for one in reading.drivers if start <= one.start < end) for start, end in units
    ]
    stretches = [
        (first, last)
        for first in range(len(units))
        for last in _as_far_as(record, units, first, most)
        if pulls[first] > 0
    ]
    if not stretches:
        whole = [
            (first, last) for first in range(len(units)) for last in _as_far_as(record, units, first, most)
        ]
        first, last = max(whole, key=lambda one: units[one[1]][1] - units[one[0]][0])
        return units[first][0], units[last][1]
    first, last = max(stretches, key=lambda one: round(sum(pulls[one[0] : one[1] + 1]), 6))
    last = max([last, *_as_far_as(record, units, first, most // 2)])
    while first and last in _as_far_as(record, units, first - 1, most // 2):
        first -= 1
    return units[first][0], units[last][1]


def _as_far_as(record: SliceRecord, units: list[tuple[int, int]], first: int, most: int) -> list[int]:
    """Numbers of the units that a stretch from unit ``first`` may end with."""
    start = units[first][0]
    speaker = record.piece.speaker_at(start)
    ends = [first]
    for place in range(first + 1, len(units)):
        if units[place][1] - start > most or record.piece.speaker_at(units[place][0]) != speaker:
            break
        ends.append(place)
    return ends
