"""Assessment: figures by definitions that are content, exemptions, closed editions, and the report to the assessment office."""
