"""Who uses the machines: namespaces with their owners, services, training, nightly work, notebooks and objectives."""

from __future__ import annotations

from typing import NamedTuple


class NamespacePlan(NamedTuple):
    name: str
    clusters: tuple[str, ...]
    team: str = ""
    """Empty: nobody put a name on it."""
    environment: str = ""
    cost_centre: str = ""


class ServicePlan(NamedTuple):
    """A model behind an endpoint. `capacity` is what one replica serves (requests/s) when it is full."""

    cluster: str
    namespace: str
    name: str
    pool: str
    model: str
    server: str
    gpus: int
    peak: float
    """Requests per second at the busiest hour of a usual week."""
    capacity: float
    minimum: int
    maximum: int
    seconds: float
    """Median time of one request on an idle replica."""
    night: float = 0.4
    """Traffic at the quietest hour, as a share of the busiest."""
    weekend: float = 0.75
    autoscaled: bool = True
    tokens: float = 0.0
    """Mean tokens generated per request."""


class TrainingPlan(NamedTuple):
    """Runs of one programme, one after another, with a short pause between them."""

    cluster: str
    namespace: str
    name: str
    """With `{n}` for the run's number."""
    pool: str
    model: str
    workers: int
    gpus: int
    """Per worker."""
    period_hours: float
    pause_hours: float = 0.6
    checkpoint_minutes: int = 30


class NightlyPlan(NamedTuple):
    cluster: str
    namespace: str
    name: str
    pool: str
    model: str
    workers: int
    gpus: int
    start_hour: float
    """Local time."""
    hours: float
    kind: str = "Job"


class ExperimentPlan(NamedTuple):
    """Short runs that somebody starts when an idea comes: `chance` that one starts in each slot."""

    cluster: str
    namespace: str
    name: str
    pool: str
    model: str
    gpus: int
    slot_hours: float
    chance: float


class NotebookPlan(NamedTuple):
    cluster: str
    namespace: str
    name: str
    pool: str
    gpus: int
    day: int
    """Sessions open in office hours."""
    night: int
    """Sessions that nobody closed."""
    busy: float
    """Share of open sessions that compute something in office hours."""


class SloPlan(NamedTuple):
    service: str
    name: str
    kind: str
    """`latency` and `ttft`: slower than `threshold` seconds is bad; `availability`: failed is bad."""
    objective: float
    threshold: float = 0.0
    failures: float = 0.3
    """For `availability`: failures that have nothing to do with load, as a share of the error budget."""


_ALL = ("prod-us", "prod-eu", "research")
NAMESPACES = (
    NamespacePlan("chat", ("prod-us", "prod-eu"), "chat", "production", "cc-1010"),
    NamespacePlan("search", ("prod-us", "prod-eu"), "search", "production", "cc-1020"),
    NamespacePlan("assist", ("prod-us",), "assist", "production", "cc-1030"),
    NamespacePlan("vision", ("prod-us",), "vision", "production", "cc-1040"),
    NamespacePlan("voice", ("prod-us",), "voice", "production", "cc-1050"),
    NamespacePlan("ads", ("prod-us",), "ads", "production", "cc-1060"),
    NamespacePlan("fraud", ("prod-us",), "fraud", "production", "cc-1070"),
    NamespacePlan("maps", ("prod-us",), "geo", "production", "cc-1080"),
    NamespacePlan("media", ("prod-us",), "media", "production", "cc-1090"),
    NamespacePlan("edge", ("prod-eu",), "edge", "production", "cc-1100"),
    NamespacePlan("moderation", ("prod-eu",), "trust", "production", "cc-1110"),
    NamespacePlan("nlp-train", ("prod-us",), "nlp", "training", "cc-2010"),
    NamespacePlan("ranking", ("prod-us",), "search", "training", "cc-1020"),
    NamespacePlan("robotics", ("prod-us", "research"), "robotics", "research", "cc-3010"),
    NamespacePlan("research", ("research",), "research", "research", "cc-3020"),
    NamespacePlan("bio", ("research",), "bio", "research", "cc-3030"),
    NamespacePlan("climate", ("research",), "climate", "research", "cc-3040"),
    NamespacePlan("data-sci", ("research",), "analytics", "development", "cc-4010"),
    NamespacePlan("tmp-eval", ("prod-us",)),
    NamespacePlan("sandbox", ("research",)),
    NamespacePlan("kube-system", _ALL, "platform", "system", "cc-9000"),
)

SERVICES = (
    ServicePlan(
        "prod-us", "chat", "chat-api-70b", "h100-serve", "chat-70b", "vLLM",
        4, 30.0, 7.0, 3, 14, 4.2, tokens=310,
    ),
    ServicePlan(
        "prod-us", "chat", "chat-api-8b", "h100-serve", "chat-8b", "vLLM",
        1, 110.0, 42.0, 2, 10, 1.1, tokens=180,
    ),
    ServicePlan(
        "prod-us", "search", "embed", "h100-serve", "embed-v3", "Triton",
        1, 900.0, 380.0, 2, 8, 0.05,
    ),
    ServicePlan(
        "prod-us", "assist", "code-complete", "h100-serve", "code-15b", "vLLM",
        2, 60.0, 36.0, 2, 8, 0.6, 0.3, 0.5, tokens=48,
    ),
    ServicePlan(
        "prod-us", "vision", "vision-api", "l40s-infer", "vit-h", "Triton",
        1, 420.0, 75.0, 4, 16, 0.12,
    ),
    ServicePlan(
        "prod-us", "vision", "caption-online", "l40s-infer", "caption-2b", "vLLM",
        1, 40.0, 20.0, 2, 8, 0.8, tokens=60,
    ),
    ServicePlan(
        "prod-us", "voice", "voice-rt", "l40s-infer", "asr-large", "Triton",
        1, 260.0, 40.0, 5, 20, 0.18, 0.35, 0.6,
    ),
    ServicePlan(
        "prod-us", "ads", "ctr-embed", "l40s-infer", "ctr-embed", "Triton",
        1, 2600.0, 640.0, 3, 14, 0.02, 0.55, 0.95,
    ),
    ServicePlan(
        "prod-us", "ads", "bid-rank", "l40s-infer", "bid-rank", "Triton",
        1, 1900.0, 700.0, 3, 10, 0.015, 0.55, 0.95,
    ),
    ServicePlan(
        "prod-us", "fraud", "score-gnn", "l40s-infer", "gnn-score", "Triton",
        1, 300.0, 260.0, 4, 4, 0.03, 0.5, 0.8, autoscaled=False,
    ),
    ServicePlan(
        "prod-us", "maps", "tile-seg", "l40s-infer", "tile-seg", "Triton",
        1, 48.0, 50.0, 3, 3, 0.3, autoscaled=False,
    ),
    ServicePlan(
        "prod-us", "media", "image-gen", "l40s-infer", "sdxl-turbo", "Triton",
        2, 9.0, 3.6, 2, 8, 2.4, 0.45, 1.1,
    ),
    ServicePlan(
        "prod-us", "tmp-eval", "judge-70b", "l40s-infer", "judge-70b", "vLLM",
        2, 0.04, 2.0, 1, 1, 5.5, autoscaled=False, tokens=420,
    ),
    ServicePlan(
        "prod-eu", "chat", "chat-api-eu", "a100-serve-eu", "chat-70b", "vLLM",
        4, 7.6, 4.2, 2, 6, 4.6, tokens=300,
    ),
    ServicePlan(
        "prod-eu", "search", "rerank-eu", "a100-serve-eu", "rerank-xl", "vLLM",
        1, 640.0, 88.0, 4, 20, 0.14, 0.35,
    ),
    ServicePlan(
        "prod-eu", "edge", "asr-edge", "l4-edge-eu", "asr-small", "Triton",
        1, 460.0, 36.0, 6, 24, 0.2, 0.45,
    ),
    ServicePlan(
        "prod-eu", "edge", "tts-edge", "l4-edge-eu", "tts-v2", "Triton",
        1, 150.0, 18.0, 4, 16, 0.4, 0.45,
    ),
    ServicePlan(
        "prod-eu", "moderation", "mod-text", "l4-edge-eu", "mod-text", "vLLM",
        1, 860.0, 120.0, 3, 14, 0.05, 0.5, 0.95,
    ),
    ServicePlan(
        "prod-eu", "moderation", "mod-image", "l4-edge-eu", "mod-image", "Triton",
        1, 150.0, 40.0, 2, 10, 0.1, 0.5, 0.95,
    ),
    ServicePlan(
        "prod-eu", "search", "embed-eu", "l4-edge-eu", "embed-v3", "Triton",
        1, 380.0, 90.0, 3, 10, 0.06,
    ),
    ServicePlan(
        "prod-eu", "chat", "chat-next-405b", "h200-canary", "chat-405b", "vLLM",
        8, 1.1, 2.4, 1, 1, 7.5, autoscaled=False, tokens=350,
    ),
)  # fmt: skip


TRAINING = (
    TrainingPlan("prod-us", "nlp-train", "retrain-v{n}", "h100-train", "chat-70b", 1, 8, 118),
    TrainingPlan("prod-us", "nlp-train", "align-dpo-{n}", "h100-train", "chat-8b", 1, 8, 50),
    TrainingPlan("prod-us", "ranking", "ltr-train-{n}", "h100-train", "rerank-xl", 1, 8, 71),
    TrainingPlan("prod-us", "vision", "detector-r{n}", "a100-spot", "vit-h", 2, 8, 93),
    TrainingPlan("prod-us", "voice", "asr-finetune-{n}", "a100-spot", "asr-large", 1, 8, 34),
    TrainingPlan("prod-us", "ads", "ctr-train-{n}", "a100-spot", "ctr-embed", 1, 8, 23),
    TrainingPlan("prod-us", "fraud", "gnn-train-{n}", "a100-spot", "gnn-score", 1, 4, 29),
    TrainingPlan("prod-us", "robotics", "policy-rl-{n}", "a100-spot", "policy", 2, 8, 83),
    TrainingPlan("prod-us", "media", "sdxl-lora-{n}", "a100-spot", "sdxl-turbo", 1, 4, 19),
    TrainingPlan("prod-us", "maps", "tile-train-{n}", "a100-spot", "tile-seg", 1, 8, 47),
    TrainingPlan("research", "research", "pretrain-moe-{n}", "h100-lab", "moe-base", 1, 8, 156),
    TrainingPlan("research", "research", "diffusion-xl-{n}", "a100-lab", "diffusion-xl", 2, 8, 101),
    TrainingPlan("research", "bio", "fold-train-{n}", "a100-lab", "fold", 1, 8, 61),
    TrainingPlan("research", "climate", "nowcast-{n}", "a100-lab", "nowcast", 1, 8, 43),
)

NIGHTLY = (
    NightlyPlan("prod-us", "vision", "caption-nightly", "a100-batch", "caption-2b", 3, 8, 1.0, 4.5),
    NightlyPlan("prod-us", "search", "embed-refresh", "a100-batch", "embed-v3", 1, 8, 0.5, 3.0, "CronJob"),
    NightlyPlan("prod-us", "ads", "feature-backfill", "a100-batch", "ctr-embed", 1, 8, 2.0, 3.5, "CronJob"),
    NightlyPlan("prod-us", "tmp-eval", "eval-nightly", "a100-batch", "judge-70b", 2, 4, 3.0, 2.0, "CronJob"),
    NightlyPlan("research", "climate", "reanalysis", "a100-lab", "nowcast", 1, 8, 22.0, 5.0, "CronJob"),
)

EXPERIMENTS = (
    ExperimentPlan("prod-us", "nlp-train", "ablation", "a100-spot", "chat-8b", 4, 5, 0.35),
    ExperimentPlan("prod-us", "vision", "probe", "l40s-infer", "vit-h", 1, 3, 0.4),
    ExperimentPlan("research", "research", "sweep", "a100-lab", "diffusion-xl", 2, 4, 0.5),
    ExperimentPlan("research", "research", "ablate-moe", "a100-lab", "moe-base", 4, 6, 0.35),
    ExperimentPlan("research", "bio", "screen", "t4-dev", "fold", 1, 2, 0.5),
    ExperimentPlan("research", "robotics", "sim-eval", "t4-dev", "policy", 4, 6, 0.4),
    ExperimentPlan("research", "data-sci", "forecast", "t4-dev", "forecast", 2, 3, 0.4),
)

NOTEBOOKS = (
    NotebookPlan("research", "research", "notebook-hub", "a10-notebook", 1, 16, 7, 0.55),
    NotebookPlan("research", "data-sci", "workbench", "t4-dev", 1, 16, 7, 0.45),
    NotebookPlan("research", "robotics", "dev-env", "t4-dev", 2, 7, 3, 0.4),
    NotebookPlan("research", "sandbox", "jupyter-old", "t4-dev", 2, 2, 2, 0.0),
)

SLOS = (
    SloPlan("rerank-eu", "rerank-eu latency", "latency", 0.995, 0.72),
    SloPlan("chat-api-70b", "chat-api ttft p95", "ttft", 0.99, 1.7),
    SloPlan("chat-api-70b", "chat-api availability", "availability", 0.999, failures=0.3),
    SloPlan("chat-api-8b", "chat-8b ttft p95", "ttft", 0.99, 0.48),
    SloPlan("embed", "embed availability", "availability", 0.999, failures=0.06),
    SloPlan("judge-70b", "judge-70b ttft p95", "ttft", 0.99, 1.9),
    SloPlan("voice-rt", "voice-rt availability", "availability", 0.999, failures=0.2),
    SloPlan("vision-api", "vision-api latency", "latency", 0.99, 0.7),
    SloPlan("code-complete", "code-complete latency", "latency", 0.99, 2.5),
    SloPlan("ctr-embed", "ctr-embed latency", "latency", 0.999, 0.13),
    SloPlan("bid-rank", "bid-rank latency", "latency", 0.999, 0.1),
    SloPlan("score-gnn", "fraud-score availability", "availability", 0.9995, failures=0.12),
    SloPlan("image-gen", "image-gen latency", "latency", 0.95, 8.4),
    SloPlan("chat-api-eu", "chat-api-eu ttft p95", "ttft", 0.99, 1.8),
    SloPlan("chat-api-eu", "chat-api-eu availability", "availability", 0.999, failures=0.45),
    SloPlan("asr-edge", "asr-edge latency", "latency", 0.99, 1.05),
    SloPlan("tts-edge", "tts-edge availability", "availability", 0.995, failures=0.15),
    SloPlan("mod-text", "mod-text availability", "availability", 0.9995, failures=0.25),
)
