"""The online learner of spend: what is normal for a scope, and when it has left the rails."""
