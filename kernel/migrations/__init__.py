"""Migrations, and the operations that other contexts' migrations use."""

from kernel.tenant_sql import GlobalTable, InstallTenancy, TenantForeignKeys, TenantTable

__all__ = ["GlobalTable", "InstallTenancy", "TenantForeignKeys", "TenantTable"]
