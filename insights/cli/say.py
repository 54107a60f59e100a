"""Output for people: lines at once, also through a pipe."""


def say(line: str) -> None:
    """Print a line now."""
    print(line, flush=True)
