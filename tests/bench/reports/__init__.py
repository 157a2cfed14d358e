"""The report to the assessment office over a million cases."""
