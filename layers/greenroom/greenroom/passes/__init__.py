"""Packages and memberships: what customers of an organisation may use for a class."""
