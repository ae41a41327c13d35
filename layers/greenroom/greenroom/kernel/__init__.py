"""What every room stands on: errors, ids, time, money, limits, settings, logging."""
