"""Organisations and who is in them, as Clerk tells."""
