"""The simulated GitHub: what it remembers, what it allows, what it answers, and what it tells whom."""
