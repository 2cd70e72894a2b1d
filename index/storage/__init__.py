"""Files of an edition: rows, vectors, inverted index, mapped columns; opening, checking, publishing."""
