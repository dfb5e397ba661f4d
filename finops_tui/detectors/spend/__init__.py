"""One scope's spend, watched one sample at a time: is this more than it has ever been?"""
