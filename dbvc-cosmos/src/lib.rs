//! The audit trail of dbvc in Azure Cosmos DB.
