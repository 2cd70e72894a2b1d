"""Embedding: exporting a model, encoding texts, reranking. No other package uses a model runtime.

Here: models as they are served. Not here: how a stance model is trained (``index.training``) and what its numbers mean
(``scoring.stance``).
"""
