"""The forward pass of K runs over one frozen encoder."""
