"""What a user may write: the study, its arms, training recipe and claims."""
