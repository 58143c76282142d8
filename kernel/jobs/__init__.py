"""Durable jobs (任务): work kept as rows, claimed with a lease, run again after a crash.

``@job("catalog.import_products") def run(job, **args)`` in a context's ``tasks.py``;
``enqueue`` in the caller's transaction; ``@periodic`` for what recurs on every platform.
"""

from kernel.jobs.claimer import JobFailed, drain
from kernel.jobs.enqueue import cancel, enqueue
from kernel.jobs.registry import JobCancelled, JobContext, job, periodic
from kernel.jobs.schedule import run_periodic
from kernel.jobs.selectors import JobInfo, job_info

__all__ = [
    "JobCancelled",
    "JobContext",
    "JobFailed",
    "JobInfo",
    "cancel",
    "drain",
    "enqueue",
    "job",
    "job_info",
    "periodic",
    "run_periodic",
]
