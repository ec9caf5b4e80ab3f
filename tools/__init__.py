"""What `make` runs beside the tests: the demo, its picture, the benches, the golden snapshot."""
