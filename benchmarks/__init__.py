"""The product against its peers: `make bench`, or `python -m benchmarks`. Not part of the wheel."""
