"""A folder for each tier; what several tiers use is in support."""
