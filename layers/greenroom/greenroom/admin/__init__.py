"""What operators see of the whole: the books of people, and whether they agree."""
