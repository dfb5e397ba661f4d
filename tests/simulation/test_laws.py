from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from finops_tui.simulation.world import World
from tests.simulation.test_world import AFTERNOON, check_books, run

ORDERS = st.lists(
    st.tuples(
        st.sampled_from(["pause", "resume", "scale", "notebooks", "pool", "cordon", "interrupt", "roll"]),
        st.integers(0, 10_000),
        st.integers(0, 12),
    ),
    min_size=1,
    max_size=8,
)


def obey(world: World, order: str, pick: int, size: int) -> None:
    jobs, machines, pools = list(world.jobs), world.machines(), list(world.pools)
    machine = machines[pick % len(machines)]
    if order == "pause":
        world.pause_job(jobs[pick % len(jobs)])
    elif order == "resume":
        world.resume_job(jobs[pick % len(jobs)])
    elif order == "scale":
        world.scale(world.services[pick % len(world.services)].key, size)
    elif order == "notebooks":
        world.scale(world.notebooks[pick % len(world.notebooks)].key, size)
    elif order == "pool":
        world.limit_pool(pools[pick % len(pools)], min(size, pick % 3), size)
    elif order == "cordon":
        world.cordon(machine.pool.cluster.name, machine.name)
    elif order == "interrupt":
        if not machine.leaving:
            world.interrupt(machine)
    else:
        world.services[pick % len(world.services)].roll_out("8812aa0")


@settings(max_examples=12, deadline=None, derandomize=True)
@given(st.integers(0, 2**32), ORDERS)
def test_whatever_is_done_to_it_nothing_is_lost_or_counted_twice(seed: int, orders: list[tuple[str, int, int]]) -> None:
    world = World(seed, AFTERNOON + seed % 604_800)
    for order, pick, size in orders:
        obey(world, order, pick, size)
        check_books(world)
        run(world, 600)
        check_books(world)
    run(world, 1200)
    check_books(world)
    for pool in world.pools.values():
        assert len(pool.staying()) <= pool.maximum
