"""The public widget: an organisation's schedule and bookings on any site, without login."""
