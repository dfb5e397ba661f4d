"""What actions on all clouds share: a thing that is read, changed once, looked at again and set back."""
