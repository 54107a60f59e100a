"""One file a page; `dashboard/app.py` holds the navigation."""
