"""Counters and histograms of this process, for Prometheus."""

from prometheus_client import CollectorRegistry, Counter, Histogram

REGISTRY = CollectorRegistry()

EVALUATIONS = Counter("signoff_evaluations", "Evaluations by how they ended.", ["outcome"], registry=REGISTRY)
DECISIONS = Counter("signoff_decisions", "Decisions by verdict.", ["verdict"], registry=REGISTRY)
PUBLISHED = Counter("signoff_published", "Checks written, by state.", ["state"], registry=REGISTRY)
PUBLISH_FAILURES = Counter("signoff_publish_failures", "Checks that could not be written.", registry=REGISTRY)
FINDINGS = Counter("signoff_findings", "What the watch found, by kind.", ["kind"], registry=REGISTRY)
PARKED = Counter(
    "signoff_parkings", "Times that something was parked after repeated failures.", ["kind"], registry=REGISTRY
)
DURATION = Histogram("signoff_evaluation_seconds", "How long one evaluation takes.", registry=REGISTRY)
LAG = Histogram(
    "signoff_due_lag_seconds",
    "From due to claimed.",
    buckets=(0.01, 0.05, 0.1, 0.5, 1, 5, 30, 120, 600, 3600),
    registry=REGISTRY,
)
