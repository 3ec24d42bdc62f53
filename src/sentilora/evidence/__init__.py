"""What the records show: statistics, analysis, figures and the report. Never imports torch."""
