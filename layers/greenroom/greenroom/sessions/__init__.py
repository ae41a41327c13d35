"""Sessions: THE factory, the life cycle, the guard, the sweeper."""
