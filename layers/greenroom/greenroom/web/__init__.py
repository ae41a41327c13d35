"""The edge: routes, callers, bodies, problem details."""
