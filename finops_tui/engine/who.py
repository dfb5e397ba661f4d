"""Who sits at this terminal, as far as the operating system tells."""

from __future__ import annotations

import os
import pwd
import socket

from finops_tui.engine.journal_entry import Who
from finops_tui.sources.clean import one_line


def who(cluster_user: str = "") -> Who:
    """`cluster_user` is the name under which the cluster knows them, where it was asked."""
    try:
        user = pwd.getpwuid(os.getuid()).pw_name  # not what the environment claims
    except KeyError:  # a container may run as a number without a name
        user = str(os.getuid())
    before = os.environ.get("SUDO_USER", "")
    return Who(
        user=one_line(f"{user} (sudo by {before})" if before and before != user else user),
        host=one_line(socket.gethostname()),
        process=os.getpid(),
        cluster_user=one_line(cluster_user),
    )
