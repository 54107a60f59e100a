"""The benchmark: our figures beside a rival's, in the same run, on the demo's truth and on outside data."""
