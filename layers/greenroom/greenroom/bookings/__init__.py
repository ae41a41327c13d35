"""Classes, their seats and waitlists, and the bookings of clients and leads."""
