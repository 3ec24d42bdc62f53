"""The page: a review and what two classifiers say of it, the errors, the trade-off."""
