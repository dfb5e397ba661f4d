"""Whether a piece of work is over, as each kind of job says it."""

from __future__ import annotations

from finops_tui.actions.objects import Document, text, value

CONDITIONS = {
    "Complete": "completed",
    "Completed": "completed",
    "Succeeded": "completed",
    "Finished": "finished",
    "Failed": "failed",
}
"""Types of conditions that are so once it is over (Job, JobSet and TrainJob, Kubeflow, Kueue)."""
STATES = {
    "Complete": "completed",
    "COMPLETED": "completed",
    "SUCCEEDED": "completed",
    "Succeeded": "completed",
    "Failed": "failed",
    "FAILED": "failed",
    "Error": "failed",
}
"""Where there is one word for all (RayJob, Workflow, SparkApplication)."""
PLACES = (("status", "jobDeploymentStatus"), ("status", "phase"), ("status", "applicationState", "state"))


def ending(document: Document) -> str:
    """Return how it ended; empty while it has not."""
    for kind, word in CONDITIONS.items():
        if value(document, ("status", "conditions", kind, "status")) == "True":
            return word
    return next((STATES[state] for place in PLACES if (state := text(document, *place)) in STATES), "")
