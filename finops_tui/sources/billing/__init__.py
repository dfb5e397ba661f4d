"""What every bill that is asked for over HTTP shares: requests, figures, and asking again and again."""
