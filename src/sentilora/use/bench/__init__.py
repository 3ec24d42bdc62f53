"""``sentilora bench``: the speed of training here and at the peers, in rounds of fresh processes."""
