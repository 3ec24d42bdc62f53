"""Things from elsewhere, each pinned and checked: the model hub, the package index, archives."""
