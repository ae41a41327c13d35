"""Tenants of the AI proxy: preschools, which are ours, and organisations; who may use which."""
