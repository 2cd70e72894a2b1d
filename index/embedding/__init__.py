"""Embedding: exporting a model, encoding texts, reranking. No other package uses a model runtime."""
