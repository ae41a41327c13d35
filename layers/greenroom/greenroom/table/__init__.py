"""The single table: items, keys, conditional writes, transactions, pages."""
