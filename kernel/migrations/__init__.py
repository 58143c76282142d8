"""Migrations, and the operations that other contexts' migrations use."""

from kernel.partition_sql import InstallPartitions, PartitionedTable, PartitionHold
from kernel.tenant_sql import (
    GlobalTable,
    InstallTenancy,
    SystemFunction,
    TenantForeignKeys,
    TenantTable,
)

__all__ = [
    "GlobalTable",
    "InstallPartitions",
    "InstallTenancy",
    "PartitionHold",
    "PartitionedTable",
    "SystemFunction",
    "TenantForeignKeys",
    "TenantTable",
]
