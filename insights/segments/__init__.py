"""« Démoyenniser »: the segments that differ from the whole, as personas, and the first weeks of new customers."""
