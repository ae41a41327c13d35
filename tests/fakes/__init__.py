"""Outside parties that a test can steer, behind the transports that the product uses."""
