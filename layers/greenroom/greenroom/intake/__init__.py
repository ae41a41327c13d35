"""Intakes: what a customer asks of an expert, the waiver, and the ways to pay for a session."""
