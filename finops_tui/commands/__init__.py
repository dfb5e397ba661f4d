"""What each command does; `cli` loads only the one that was asked for.

A module stands for the command of its name: `live` is `run`, `lists` are `themes` and `keys`, `costs_drill` is a part
of `costs`, `cloud_roles` of `permissions`. What several share: `arguments` (words that mean a value), `settings` (the
config to run on), `screen` (what opens one), `environment` (what the doctor says of the terminal), `crash` (the report
of a bug).
"""
