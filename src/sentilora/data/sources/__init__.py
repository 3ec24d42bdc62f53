"""Where examples come from: SST-2, the treebank, snippets, hub data sets and a user's own tables."""
