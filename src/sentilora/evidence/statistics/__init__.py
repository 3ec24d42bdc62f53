"""The statistics: each topic's result types beside the function that computes them."""
