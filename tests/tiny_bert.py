"""Word pieces of small models with random weights."""

from collections.abc import Iterable
from pathlib import Path


def save_word_pieces(folder: Path, words: Iterable[str], letters: str) -> int:
    """Save a tokenizer of these words, and of these letters at the start and within a word; return how many pieces."""
    from transformers import BertTokenizerFast  # noqa: PLC0415 - takes seconds

    marks = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
    pieces = [*marks, *words, *letters, *(f"##{letter}" for letter in letters)]
    (folder / "vocab.txt").write_text("\n".join(pieces) + "\n", encoding="utf-8")
    BertTokenizerFast(vocab=str(folder / "vocab.txt")).save_pretrained(folder)
    return len(pieces)
