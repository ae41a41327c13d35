"""Whether this deployment is alive, ready and set up for the time to come."""
