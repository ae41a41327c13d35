"""Interviews: the saved transcript, its history and its deterministic metrics."""
