"""Which sentences of a slice to quote when it is the slice that speaks, and no question was asked."""

from index.records import SliceRecord


def telling_stretch(record: SliceRecord, most: int) -> tuple[int, int]:
    """Start and end of the whole sentences, together up to ``most`` characters, that pull most the slice's way.

    They are one person's: a quotation does not run over a change of speaker. The first sentence alone where it is
    longer, or where nothing pulls; ties take the earlier, then the shorter stretch. Offsets are in the slice's text.
    """
    units, reading = list(record.piece.units()), record.reading
    way = -1.0 if reading.position < 0 else 1.0
    pulls = [
        sum(way * one.pull for one in reading.drivers if start <= one.start < end) for start, end in units
    ]
    best, worth = units[0], 0.0
    for first, (start, _) in enumerate(units):
        total = 0.0
        speaker = record.piece.speaker_at(start)
        for place in range(first, len(units)):
            is_too_long = units[place][1] - start > most and place > first
            if is_too_long or record.piece.speaker_at(units[place][0]) != speaker:
                break
            total += pulls[place]
            if total > worth + 1e-9:
                best, worth = (start, units[place][1]), total
    return best
