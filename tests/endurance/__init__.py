"""When machines fail: every fault at every request, kill -9 under load. In full: python -m tests.endurance."""
