"""What changed, who wins and what is owed: pure functions over values."""
