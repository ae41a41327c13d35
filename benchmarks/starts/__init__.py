"""Programs whose start is counted: under Lambda's Python, with the product's libraries alone."""
