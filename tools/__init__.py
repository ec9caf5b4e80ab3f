"""Commands that `make` runs for developers: the demo, its picture, the benchmarks, the examples."""
