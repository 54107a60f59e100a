"""The steps of a run: each is one function a flow or the command line calls. Order and schedules live in flows/."""
