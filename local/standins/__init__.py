"""Stand-ins for the outside parties: local servers that speak their real protocols.

Each one is a process of its own (``python -m local.standins.<name> --port N --data-dir D``)
and knows nothing of the product. ``common`` holds what they share.
"""
