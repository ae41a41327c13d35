"""Language models: asked for an answer of a given shape, and what that answer costs."""
