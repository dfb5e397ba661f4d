"""Who sits at this terminal, as far as the operating system tells."""

from __future__ import annotations

import os
import pwd
import socket

from finops_tui.sources.clean import one_line

TYPE_CHECKING = False
if TYPE_CHECKING:  # the screen asks for the name before its first frame, which waits for no classes
    from finops_tui.engine.journal_entry import Who


def who(cluster_user: str = "") -> Who:
    """`cluster_user` is the name under which the cluster knows them, where it was asked."""
    from finops_tui.engine.journal_entry import Who

    return Who(
        user=user_name(),
        host=one_line(socket.gethostname()),
        process=os.getpid(),
        cluster_user=one_line(cluster_user),
    )


def user_name() -> str:
    """Return who decides and who acts, under one name: `ana`, or `root (sudo by ana)`."""
    try:
        user = pwd.getpwuid(os.getuid()).pw_name  # not what the environment claims
    except KeyError:  # a container may run as a number without a name
        user = str(os.getuid())
    before = os.environ.get("SUDO_USER", "")
    return one_line(f"{user} (sudo by {before})" if before and before != user else user)
