"""An edition's files: rows, vectors, inverted index, mapped columns; written, checked, opened, published.

Here: a module for each kind of file (``sqlite``, ``schema``, ``writer``, ``queries``, ``records``; ``vectors``;
``inverted_index``, ``bm25``, ``mapped_arrays``; ``columns``; ``judged_pairs``), how they make an edition (``edition``)
and how an edition shares files with the one before (``segments``, ``kept_rows``). Not here: what is written
(``index.build``) and what is asked (``index.search``).
"""
