"""Commands that a maintainer or a workflow runs: python -m scripts.NAME."""
