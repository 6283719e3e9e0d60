"""Counters and histograms of this process, for Prometheus. What is shared by all processes is in the database."""

from prometheus_client import CollectorRegistry, Counter, Histogram

from bot.forges import traffic

REGISTRY = CollectorRegistry()
for _each in traffic.COLLECTORS:
    REGISTRY.register(_each)

DELIVERIES = Counter(
    "signoff_deliveries",
    "Deliveries by how they ended: taken, repeated, ignored, refused, not_stored.",
    ["forge", "outcome"],
    registry=REGISTRY,
)
WEBHOOK_LAG = Histogram(
    "signoff_webhook_lag_seconds",
    "From what a delivery tells of, by the forge's clock in whole seconds, to its being taken.",
    ["forge"],
    buckets=(1, 2, 5, 10, 30, 60, 300, 1800, 3600, 21600),
    registry=REGISTRY,
)

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
