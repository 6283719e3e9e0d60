"""Figures of this machine: speed, requests and memory. Never part of the tests, whose machines are noisy."""
