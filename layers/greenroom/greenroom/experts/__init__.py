"""Experts: who they are, which sessions they are offered, and how they take them."""
