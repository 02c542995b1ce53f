"""Where the results of a stream go, one file a kind."""
