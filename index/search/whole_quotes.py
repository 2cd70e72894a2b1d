"""How far a quote reaches: the sentences beside those that answer, without which they are not understood. Pure."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from index.search.quotable_sentences import SHORTEST_ANSWER_CHARS, QuotableSentences
from index.text.sentences import begins_sentence, clause_starts

_ENOUGH_WIDE = 160  # what is shorter is seldom understood without what is said after it
_LONGEST_CLAUSE = 120
_MOST_BESIDE = 2
"""Sentences that are taken before a quote, at most, since it leans on them, and after it, since they lean on it."""
_FURTHER_SHARE = 0.1
"""Least share of the question's idf that a following sentence holds beyond the quote, to be taken along."""
_CLAUSES_WIDE = 320
"""Speech without full stops is quoted to the end of a clause near so many characters."""
_LONGEST_STUB = 40
"""Characters of a clause's beginning, at most, that a break of speech without full stops has cut from it."""
_SHORTEST_REST = 12  # “and yeah no”
_TOO_SHORT_TO_LEAN_ON = 25  # "Yeah, exactly."

_LEANS_BACK = re.compile(r"(?:but|however|whereas|yet|though|although|instead)\b", re.IGNORECASE)
"""The first word of what is said against, or apart from, what comes right before it."""
_TURNS = re.compile(
    rf"(?:(?:yes|yeah|right|okay|well|now|and) )?{_LEANS_BACK.pattern}|no[,.] |(?:and )?that(?:['’]s| is| was| seems)"
    r" (?:not|wrong|false|nonsense|a mistake|a myth)\b|that may be\b|i disagree\b"
    r"|i (?:don['’]t|do not) (?:think|believe|buy|agree)\b|(?:this|it) (?:isn['’]t|doesn['’]t)\b",
    re.IGNORECASE,
)
"""The beginning of a sentence by which its speaker turns against what was just said."""
_LEADS = (
    r"(?:(?:and|so|but|or|yeah|yes|no|like|also|then|again|actually|basically|obviously|maybe"
    r"|probably|certainly|just|i mean|you know|of course|in a sense|in some sense),? )*"
)
_VERBS = (
    r"(?:['’](?:s|d|ll|re)|(?: \w+ly| kind of| sort of| just)? (?:is|was|are|were|has|had|does|did|can|could|would|will"
    r"|might|may|should|makes|means|seems))\b"
)
_IT = (
    r"it(?!(?:['’]s| is| was)? (?:\w+ly |very |pretty |quite |not |just |also )*(?:hard|difficult|clear|unclear"
    r"|possible|plausible|important|true|fair|likely|unlikely|easy|worth|like|as if|seems|the case)\b)(?:['’]\w+)?\b"
)
"""“It”, where it stands for something: not in “it is hard to say”."""
_REFERS = re.compile(
    rf"{_LEADS}(?:"
    r"(?:its|they|their|them|he|she|his|her|these|those|which|because|or|otherwise|such|both)\b"
    rf"|{_IT}"
    r"|(?:this|that(?! is,))(?:['’]\w+)?\b"
    rf"|i(?:['’]d)? (?:think|guess|say|believe|mean),? (?:(?={_IT})it|this|that|they|he|she){_VERBS}"
    r"|(?:if|when|because|since|as) (?:it|they|he|she|this|that)\b"
    r"|(?:one|another|the other|the (?:first|second|third)(?: one)?) (?:is|was|would be)\b"
    r"|(?:in|at|for|with|from|on) (?:this|that|these|those|which|such)\b)",
    re.IGNORECASE,
)
"""The beginning of a sentence that speaks of something by a word that stands for it, or goes on with a thought."""
_JOINS = re.compile(
    r"(?:so|and|but|because|or|then|well|now|if|when|which|where|okay|ok|right)\b", re.IGNORECASE
)
"""Words at the beginning of a clause that stand in no other place as often as the rest do."""
_OPENS = re.compile(
    rf"(?!and\b|or\b){_JOINS.pattern}"
    r"|(?:and|or) (?:the|this|that|these|those|there|i|you|we|he|she|it|they|so|then|if)\b",
    re.IGNORECASE,
)
"""Those that nearly always begin a clause: “and” and “or” join two words as often."""
_COMMA = re.compile(r"[,;:] ")
_FIRST_PERSON = re.compile(r"I\b")
_HARD_ENDS = ".!?…\"'”’)]»؟۔।॥。！？｡」』）】》"


@dataclass(frozen=True, slots=True)
class QuoteReach:
    """How far quotes of a slice's sentences reach.

    Attributes:
        sentences: of the slice.
        held: the question's stems in each.
        idf: inverse document frequency of each of these stems.
        near: how near each sentence is to the question, 0 to 1.
        most: characters of a quote, at most.
        is_named: whether the speaker is known; a question is likely somebody else's where not.
        are_cut: whether each sentence goes on in the next, as long ones do, and speech without full stops.
        are_breaths: whether most do: that is speech without full stops, broken where it is long enough.
    """

    sentences: QuotableSentences
    held: Sequence[set[str]]
    idf: Mapping[str, float]
    near: Sequence[float]
    most: int
    is_named: bool
    are_cut: Sequence[bool]
    are_breaths: bool

    @classmethod
    def of(
        cls,
        sentences: QuotableSentences,
        held: Sequence[set[str]],
        idf: Mapping[str, float],
        near: Sequence[float],
        most: int,
        *,
        is_named: bool,
    ) -> "QuoteReach":
        """Return how far quotes of these sentences reach; for the arguments see the attributes."""
        are_cut = [
            place < sentences.last_in_turn[place] and _is_cut(sentences.text, end)
            for place, (_, end) in enumerate(sentences.bounds)
        ]
        are_breaths = 2 * sum(are_cut) > len(are_cut) - 1
        return cls(sentences, held, idf, near, most, is_named, are_cut, are_breaths)

    def whole(self, first: int, last: int) -> tuple[int, int]:
        """Return the sentences from ``first`` to ``last``, which answer, with those that make them understood."""
        core = last
        first, last = self._with_turns(*self._explained(first, last))
        earlier = self.before(first, last)
        if earlier == first and first <= core < last and (earlier := self.before(first, core)) < first:
            last = core  # there is no room for both, and what is leant on comes first
        last = self.after(earlier, last)
        asks_itself = (
            self.is_named and self.sentences.are_questions[last] and not self.sentences.are_hosts[last]
        )
        if asks_itself and self._is_one_quote(earlier, last + 1):
            last += 1
        return earlier, last

    def before(self, first: int, last: int) -> int:
        """Return the first of the sentences from ``first`` to ``last`` and of those before them that they lean on."""
        for _ in range(0 if self.are_breaths else _MOST_BESIDE):
            before = first - 1
            if before < 0 or not self._leans(first) or self._width(before, before) < _TOO_SHORT_TO_LEAN_ON:
                break
            if not self._is_one_quote(before, last):
                break
            first = before
        return first

    def after(self, first: int, last: int) -> int:
        """Return the last of the sentences from ``first`` to ``last`` and of those after them that go on with them.

        These speak of something in them by a word that stands for it, finish what they break off, or hold a further
        word of the question.
        """
        for _ in range(0 if self.are_breaths else _MOST_BESIDE):
            reached = next(
                (
                    after
                    for after in (last + 1, last + 2)
                    if self._is_one_quote(first, after) and self._goes_on(first, last, after)
                ),
                None,
            )
            if reached is None:
                break
            last = reached
        return last

    def offsets(self, first: int, last: int, found: Sequence[tuple[int, int, str]]) -> tuple[int, int]:
        """Return start and end of the quote from ``first`` to ``last``, which begins and ends with a clause, at least.

        Args:
            first: its first sentence.
            last: its last.
            found: the question's words in the text.
        """
        start, end = self._with_rest(first, last, found)
        whole_start, whole_end = self.sentences.from_to(first, last)
        if start == whole_start:
            start = self._clause_start(first, end)
        return start, self._clause_end(start, last) if end == whole_end else end

    def _goes_on(self, first: int, last: int, after: int) -> bool:
        """Return True if the sentence ``after`` goes on with those from ``first`` to ``last``."""
        sentences = self.sentences
        if sentences.are_questions[after] and (sentences.are_hosts[after] or not self.is_named):
            return False
        if sentences.are_broken[after]:
            return False
        if self.are_cut[after] and not self._is_one_quote(first, after + 1):
            return False  # nothing is gained by another sentence that is cut
        if sentences.are_broken[last] or (after == last + 1 and self.are_cut[last]):
            return True
        if after == last + 1 and (
            self._leans(after) or (sentences.are_questions[last] and not sentences.are_hosts[last])
        ):
            return True
        further = self.held[after] - set().union(*self.held[first : last + 1])
        nearest = max(self.near[first : last + 1])
        return self._share(further) >= _FURTHER_SHARE or 0 < nearest <= self.near[after]

    def _leans(self, place: int) -> bool:
        """Return True if a sentence is not understood without the one before it."""
        start, end = self.sentences.bounds[place]
        return (place > 0 and self.are_cut[place - 1]) or _REFERS.match(
            self.sentences.text, start, end
        ) is not None

    def _share(self, stems: set[str]) -> float:
        return sum(self.idf.get(stem, 0.0) for stem in stems) / (sum(self.idf.values()) or 1.0)

    def _width(self, first: int, last: int) -> int:
        return self.sentences.width_of(first, last)

    def _is_one_quote(self, first: int, last: int) -> bool:
        return self.sentences.is_one_quote(first, last, self.most)

    def _with_turns(self, first: int, last: int) -> tuple[int, int]:
        """Return the sentences from ``first`` to ``last`` with those between which their speaker turns.

        A quote that ends before its speaker's own “but that is wrong” says the opposite of what was meant, and one that
        begins with “but” lacks what it is said against. Both take the next, or the last, sentence, as far as it fits.
        Of speech without full stops ``offsets`` takes the next clause alone.
        """
        sentences = self.sentences
        text, bounds = sentences.text, sentences.bounds
        after = last + 1
        is_whole = not text[bounds[last][1] - 1].isalnum()
        if is_whole and self._is_one_quote(first, after) and _TURNS.match(text, bounds[after][0]):
            last = after
        before = first - 1
        if (
            before >= 0
            and _LEANS_BACK.match(text, bounds[first][0])
            and not sentences.are_questions[before]
            and self._is_one_quote(before, last)
        ):
            first = before
        return first, last

    def _explained(self, first: int, last: int) -> tuple[int, int]:
        """Return the sentences from ``first`` to ``last`` and what is said after them and makes them understood.

        That is the sentence of the same turn that pulls most the slice's way, if what lies between fits into the
        quote, too, and what follows until they are ``_ENOUGH_WIDE``. A question stays as it is, and nothing is added
        that greets, introduces or sells.
        """
        sentences = self.sentences
        if sentences.are_questions[last] or sentences.are_boilerplate[first]:
            return first, last
        strongest = max(range(len(sentences.bounds)), key=lambda place: sentences.pulls[place])
        if strongest > last and sentences.pulls[strongest] > 0 and self._is_one_quote(first, strongest):
            last = strongest
        return first, self._wide_enough(first, last)

    def _wide_enough(self, first: int, last: int) -> int:
        """Return the last of the sentences from ``first`` to ``last``, and of those after them until it is enough."""
        while self._width(first, last) < _ENOUGH_WIDE and self._is_one_quote(first, last + 1):
            last += 1
        return last

    def _with_rest(self, first: int, last: int, found: Sequence[tuple[int, int, str]]) -> tuple[int, int]:
        """Return start and end of a quote; where speech without full stops is cut amid a clause, with its rest.

        That is what is said next up to a further word of the question, and to the end of its clause. The quote begins
        later, at a clause, where it would be too long, yet never after the first word asked for.
        """
        sentences, most = self.sentences, self.most
        text = sentences.text
        start, end = sentences.from_to(first, last)
        after = last + 1
        is_cut = text[end - 1 : end].isalnum() and text[end + 1 : end + 2].islower()
        if not is_cut or after > sentences.last_in_turn[last] or sentences.are_boilerplate[after]:
            return start, end
        longest = sentences.bounds[after][1]
        if (turned := self._clause_against(end, longest)) and turned - start <= most:
            return start, turned
        held = {stem for at, _, stem in found if start <= at < end}
        further = [at for _, at, stem in found if end <= at < end + most and stem not in held]
        further = [at for at in further if at <= min(longest, end + _LONGEST_CLAUSE)]
        if not held or not further:
            return start, end
        clauses = _clauses(text)
        longest = min(longest, further[-1] + _LONGEST_CLAUSE)
        end = next((at - 1 for at in clauses if further[-1] < at <= longest), further[-1])
        mark = next(at for at, _, _ in found if at >= start)
        begins = [at for at in clauses if start <= at <= mark and end - at <= most]
        if end - start <= most:
            return start, end
        return (begins[0], end) if begins else (start, sentences.bounds[last][1])

    def _clause_against(self, end: int, limit: int) -> int | None:
        """Return where the clause ends that follows ``end`` and turns against what was said; None if none does."""
        text = self.sentences.text
        if not _TURNS.match(text, end + 1):
            return None
        longest = min(limit, end + _LONGEST_CLAUSE)
        beyond = end + SHORTEST_ANSWER_CHARS // 2
        ends = [at - 1 for at in _clauses(text) if beyond < at <= longest]
        if ends:
            return ends[0]
        cut = longest if longest == limit else text.rfind(" ", end + 1, longest)
        return cut if cut > end else None

    def _clause_start(self, first: int, end: int) -> int:
        """Return where the clause begins that a break cuts right before the sentence ``first``; else its start."""
        sentences = self.sentences
        start = sentences.bounds[first][0]
        if (
            not self.are_breaths
            or not first
            or not self.are_cut[first - 1]
            or sentences.are_boilerplate[first - 1]
        ):
            return start
        lowest = max(sentences.bounds[first - 1][0], end - self.most, start - _LONGEST_CLAUSE)
        clauses = [at for at in _clauses(sentences.text) if lowest <= at <= start]
        before = [at for at in clauses if at < start]
        if not before or _OPENS.match(sentences.text, start):
            return start
        joined = [at for at in before if _JOINS.match(sentences.text, at)]
        begin = (joined or before)[-1]
        return start if start in clauses and start - begin > _LONGEST_STUB else begin

    def _clause_end(self, start: int, last: int) -> int:
        """Return where the clause ends that a break cuts right after the sentence ``last``; else its end."""
        sentences = self.sentences
        text, end, after = sentences.text, sentences.bounds[last][1], last + 1
        if not self.are_cut[last] or sentences.are_boilerplate[after]:
            return end
        longest = min(sentences.bounds[after][1], start + self.most)
        if self.are_breaths:
            ends = [at - 1 for at in _clauses(text) if end + 1 < at <= longest and _JOINS.match(text, at)]
        else:
            ends = [match.end() - 1 for match in _COMMA.finditer(text, end + 1, longest)]
        ends = [at for at in ends if at - end >= _SHORTEST_REST]
        if longest == sentences.bounds[after][1]:
            ends.append(longest)
        if not ends:
            return end
        return next((at for at in ends if at - start >= _CLAUSES_WIDE), ends[-1])


def before_next_question(
    sentences: QuotableSentences, first: int, last: int, weights: Sequence[float], core: int | None = None
) -> tuple[int, int]:
    """Return the sentences from ``first`` to ``last`` up to a question that follows two statements or more.

    Where nobody is named the next question is likely somebody else's. A single statement may lead up to it, and
    stays with it, as does all where the question and what follows have more of the ``weights``, one a sentence, or
    the sentence ``core``.
    """
    are_questions = sentences.are_questions
    asked = next(
        (
            place
            for place in range(first + 2, last + 1)
            if are_questions[place] and not any(are_questions[place - 2 : place])
        ),
        None,
    )
    if asked is None or (core is not None and asked <= core):
        return first, last
    if sum(weights[first:asked]) < sum(weights[asked : last + 1]):
        return first, last
    return first, asked - 1


def _is_cut(text: str, end: int) -> bool:
    """Return True if no sentence ends at ``end``, where one is broken off as too long."""
    begins_next = begins_sentence(text, end) and not _FIRST_PERSON.match(text, end + 1)
    return text[end - 1] not in _HARD_ENDS and not begins_next


def _clauses(text: str) -> list[int]:
    """Return where clauses of speech without full stops begin: of words in a row that may begin one, the first."""
    starts = clause_starts(text)
    return [at for place, at in enumerate(starts) if not place or " " in text[starts[place - 1] : at - 1]]
