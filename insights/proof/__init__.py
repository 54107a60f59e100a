"""Did the action work? Randomised comparison, else comparison groups, else an interrupted series with placebos."""
