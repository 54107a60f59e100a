"""The one command line, `voc`. Every failure is a sentence and a non-zero exit."""
