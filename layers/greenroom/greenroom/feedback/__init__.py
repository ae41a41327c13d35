"""Feedback: what a language model says of a saved interview, checked before it is stored."""
