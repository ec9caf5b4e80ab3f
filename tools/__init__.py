"""Commands that `make` runs for developers: the demo, its picture, the benches, the examples."""
