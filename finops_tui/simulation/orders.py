"""More that may be done to a world, beside the methods of `World`: what reaches it through an API only."""

from __future__ import annotations

from typing import TYPE_CHECKING

from finops_tui.model.change import ChangeKind
from finops_tui.simulation.jobs import Job
from finops_tui.simulation.machines import Machine, Pod
from finops_tui.simulation.serving import Service

if TYPE_CHECKING:
    from finops_tui.simulation.world import World


def suspend_schedule(world: World, job: Job, who: str, *, suspended: bool) -> None:
    """Let a schedule start no further run, or start runs again. A run that goes on is not touched."""
    job.suspended = suspended
    job.written["suspend"] = (who, world.now)
    world.news.work(job)
    world.tell(job, ChangeKind.WORKLOAD, who, f"cronjob {job.name} {_paused(suspended)}", gpus=0.0)


def halt_run(world: World, job: Job, who: str, *, halted: bool) -> None:
    """Let the run that a schedule started stand still, or go on from its last checkpoint."""
    held = len(job.pods)
    (job.halt if halted else job.go_on)(world.now, world.scheduler)
    job.written["halt"] = (who, world.now)
    gpus = float((len(job.pods) - held) * job.gpus)
    world.tell(job, ChangeKind.WORKLOAD, who, f"run of {job.name} {_paused(halted)}", gpus=gpus)


def hold(world: World, service: Service, replicas: int | None, who: str) -> None:
    """Let its autoscaler keep a service at so many replicas, or decide again (None)."""
    service.held = replicas
    service.written["hold"] = (who, world.now)
    what = f"{service.name} held at {replicas}" if replicas is not None else f"{service.name} scaled by keda again"
    world.tell(service, ChangeKind.CONFIG, who, what)


def set_window(world: World, service: Service, seconds: int, who: str) -> None:
    """Set for how long fewer replicas must have been enough before an autoscaler takes some away."""
    before, service.downscale_after = service.downscale_after, seconds
    service.written["window"] = (who, world.now)
    what, details = f"{service.name} downscale window {seconds}s", (f"stabilizationWindowSeconds {before}→{seconds}",)
    world.tell(service, ChangeKind.CONFIG, who, what, details=details)


def roll_out(world: World, service: Service, image: str, who: str) -> None:
    """Replace a service's pods by those of another version, or by fresh ones of the same."""
    before = service.image
    service.roll_out(image)
    service.written["image"] = (who, world.now)
    world.news.work(service)
    what = f"{service.name} image {before}→{image}" if image != before else f"{service.name} restarted"
    details = (f"image {service.name}:{before}→{service.name}:{image}",) if image != before else ()
    world.tell(service, ChangeKind.ROLLOUT, who, what, details=details, gpus=0.0)


def evict(world: World, pod: Pod) -> None:
    """Take a pod off its machine; its controller asks for another, and what was not saved is lost."""
    work, now = pod.work, world.now
    work.interrupted()
    replaced = any(other.replaces is pod for other in work.pods)
    world.scheduler.stop(pod, now)
    if not replaced:
        world.scheduler.start(work, now)


def remove(world: World, machine: Machine) -> None:
    """Take a machine away: it is drained first, as its provisioner does it."""
    if not machine.leaving:
        world.autoscaler.drain(machine, world.now, "removed")


def _paused(paused: bool) -> str:
    return "paused" if paused else "resumed"
