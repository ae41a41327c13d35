"""What calls of the AI proxy may cost, and what they cost: quotas, reservations, adjustments."""
