"""The operators' command: ``python -m ops``, on the laptop cloud and on AWS."""
