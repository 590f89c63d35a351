"""Decides what happens next to each import, and makes it happen through Jobs."""
