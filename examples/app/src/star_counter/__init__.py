"""Files beside these modules are packed too: read them with importlib.resources."""
