"""The adapter to Faust: its consumer reads for the lanes, its app starts and ends in good order."""
