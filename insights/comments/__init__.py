"""What colleagues write to one another about an irritant or an action."""

from insights.comments.book import ACTION, IRRITANT, Book, Comment, fold
from insights.comments.people import Person, named_in

__all__ = ["ACTION", "IRRITANT", "Book", "Comment", "Person", "fold", "named_in"]
