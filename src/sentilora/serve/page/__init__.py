"""The page: a review and what classifiers say of it, the errors, the trade-off."""
