"""Errors that happened in people's browsers."""
