"""Text to vectors: exporting a model, running it. The only room that touches a model runtime."""
