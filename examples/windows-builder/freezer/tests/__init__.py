"""Tests of what the freezer decides. They need no Docker."""
