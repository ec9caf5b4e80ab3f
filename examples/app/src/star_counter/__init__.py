"""Files beside these modules are bundled too: read them with importlib.resources."""
