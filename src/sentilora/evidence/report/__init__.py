"""The report and the slides of a study."""
