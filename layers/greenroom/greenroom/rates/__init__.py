"""How often something public may be asked for: from one address, and in all."""
