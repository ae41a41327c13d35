"""What people buy, what Stripe says of it, and what follows."""
