"""What panes are made of: a virtualised table and lines that repaint only where they changed."""
