"""Every request that is ever sent to AWS, with what IAM must allow for it and what it costs.

Nothing is asked that does not stand here: the policy in docs/aws.md and the count of paid requests are made from it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

COST_EXPLORER_REQUEST_MICRO_USD = 10_000
"""$0.01 for each request, and each page is one (AWS Cost Explorer pricing)."""
HOME_IN_CHINA = "cn-northwest-1"
HOME = "us-east-1"
"""Where Cost Explorer, Budgets and the Cost Optimization Hub answer for all regions."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One operation of one service."""

    service: str
    """As boto3 names the client: `ce`."""
    operation: str
    """As the API names it: `GetCostAndUsage`."""
    actions: tuple[str, ...]
    """What IAM must allow; empty where it is always allowed."""
    why: str
    """What is lost without it, as a noun: `cost by service`."""
    next_page: str = ""
    """Name of the token that leads to the next page, the same in question and answer; empty where there is one page."""
    micro_usd: int = 0
    """Price of one request, in millionths of a US dollar."""
    region: str = ""
    """Where it is asked, if not in each region."""

    @property
    def name(self) -> str:
        return f"{self.service}:{self.operation}"


def _reading(service: str, operation: str, why: str, *, next_page: str = "", region: str = "") -> Call:
    """Return a free call that IAM allows under its own name."""
    allowed = (f"{service}:{operation}",)
    return Call(service=service, operation=operation, actions=allowed, why=why, next_page=next_page, region=region)


def _cost_explorer(operation: str, why: str, *, next_page: str = "") -> Call:
    call = _reading("ce", operation, why, next_page=next_page, region=HOME)
    return replace(call, micro_usd=COST_EXPLORER_REQUEST_MICRO_USD)


CALLER = Call(service="sts", operation="GetCallerIdentity", actions=(), why="signing in", region=HOME)
ASSUME_ROLE = _reading("sts", "AssumeRole", "other accounts")

COST = _cost_explorer("GetCostAndUsage", "bills", next_page="NextPageToken")
FORECAST = _cost_explorer("GetCostForecast", "the forecast of AWS")
ANOMALIES = _cost_explorer("GetAnomalies", "anomalies that AWS found", next_page="NextPageToken")
COVERAGE = _cost_explorer("GetSavingsPlansCoverage", "how Savings Plans are used", next_page="NextToken")
UTILIZATION = _cost_explorer("GetSavingsPlansUtilization", "how Savings Plans are used")
BUDGETS = Call(
    service="budgets",
    operation="DescribeBudgets",
    actions=("budgets:ViewBudget",),
    why="budgets",
    next_page="NextToken",
    region=HOME,
)

SPOT_PRICES = _reading("ec2", "DescribeSpotPriceHistory", "spot prices", next_page="NextToken")
INSTANCE_TYPES = _reading("ec2", "DescribeInstanceTypes", "which instance types have GPUs", next_page="NextToken")
MACHINES = _reading("ec2", "DescribeInstances", "EC2 machines in no cluster", next_page="NextToken")
PRICES = _reading("pricing", "GetProducts", "on-demand prices", next_page="NextToken", region=HOME)

SCALING_GROUPS = _reading("autoscaling", "DescribeAutoScalingGroups", "Auto Scaling groups", next_page="NextToken")
EKS_CLUSTERS = _reading("eks", "ListClusters", "EKS clusters", next_page="nextToken")
NODE_GROUPS = _reading("eks", "ListNodegroups", "EKS node groups", next_page="nextToken")
NODE_GROUP = _reading("eks", "DescribeNodegroup", "sizes of EKS node groups")
TRAINING_JOBS = _reading("sagemaker", "ListTrainingJobs", "SageMaker training jobs", next_page="NextToken")
TRAINING_JOB = _reading("sagemaker", "DescribeTrainingJob", "what SageMaker training jobs run on")
ENDPOINTS = _reading("sagemaker", "ListEndpoints", "SageMaker endpoints", next_page="NextToken")
ENDPOINT = _reading("sagemaker", "DescribeEndpoint", "sizes of SageMaker endpoints")
ENDPOINT_CONFIG = _reading("sagemaker", "DescribeEndpointConfig", "what SageMaker endpoints run on")
COMPUTE_ENVIRONMENTS = _reading(
    "batch", "DescribeComputeEnvironments", "Batch compute environments", next_page="nextToken"
)
JOB_QUEUES = _reading("batch", "DescribeJobQueues", "Batch job queues", next_page="nextToken")

START_QUERY = Call(
    service="athena",
    operation="StartQueryExecution",
    actions=(
        "athena:StartQueryExecution",
        "athena:GetWorkGroup",
        "glue:GetDatabase",
        "glue:GetTable",
        "glue:GetPartitions",
        "s3:GetBucketLocation",
        "s3:GetObject",
        "s3:ListBucket",
        "s3:PutObject",
    ),
    why="cost by resource and hour",
)
QUERY = _reading("athena", "GetQueryExecution", START_QUERY.why)
QUERY_RESULTS = Call(
    service="athena",
    operation="GetQueryResults",
    actions=("athena:GetQueryResults", "s3:GetObject"),
    why=START_QUERY.why,
    next_page="NextToken",
)
RECOMMENDATIONS = _reading(
    "cost-optimization-hub",
    "ListRecommendations",
    "recommendations of the Cost Optimization Hub",
    next_page="nextToken",
    region=HOME,
)
IDLE = _reading(
    "compute-optimizer",
    "GetIdleRecommendations",
    "idle resources that Compute Optimizer found",
    next_page="nextToken",
)

CALLS: tuple[Call, ...] = tuple(each for each in tuple(vars().values()) if isinstance(each, Call))
