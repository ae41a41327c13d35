"""Rules that rows of the table obey, whoever's they are, for an operator who scans all of them."""
