"""Customers of an organisation: clients and leads, each with one e-mail at most."""
