"""Bring the template to many repositories: python -m scripts.propagate --help."""
