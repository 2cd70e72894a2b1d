"""Questions over an open edition.

Here: a question's way (``searcher``, ``query_analysis``, ``filters``, ``candidates``, ``ranking``, ``relevance``,
``passages``, ``excerpts``), what is asked about an episode (``related``, ``crux_pairs``, ``judged_cruxes``), about the
whole library (``coverage``, ``subjects``) and about a person (``person_card``); ``search_tables`` has what is worked
out once when an edition opens. Not here: what words are (``index.text``), how rows, vectors and postings are stored
(``index.storage``), and sentences for a person (``bot``).
"""
