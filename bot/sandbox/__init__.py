"""Simulated forges: a program of its own that keeps state, speaks over loopback HTTP and can be told to misbehave.

It imports nothing of the rest of the product, so that a wrong idea about a forge cannot be shared by both sides. What
keeps it honest is beside it in `contracts/`: the descriptions the forges publish themselves.
"""
