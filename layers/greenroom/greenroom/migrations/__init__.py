"""Numbered changes of stored rows: planned, resumable, verified, and with a way back."""
