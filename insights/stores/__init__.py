"""Moving an installation from one kind of stores to another: see `insights.stores.move`."""
