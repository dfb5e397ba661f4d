"""Bills that others have put into a folder: FOCUS files of any provider."""
