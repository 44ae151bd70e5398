//! SQL Server and Azure SQL for dbvc.
