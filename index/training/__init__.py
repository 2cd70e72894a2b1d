"""Training and calibration of what reads positions. What reads with the result is in ``scoring``.

Here: the semantic reader, from an axis's statements (``semantic_reader_training``, ``calibration``); the stance model,
from labelled minutes (``labelled_minutes``, ``stance_trainer``, and ``stance_training``, which makes its file). Not
here: how a trained model is served (``index.embedding``), and agreement with other labels (``index.evaluation``).
"""
