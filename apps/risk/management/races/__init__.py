"""Orders that race for the last room of a limit, in processes of their own, and an independent judge."""
