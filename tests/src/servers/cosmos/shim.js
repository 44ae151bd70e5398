// Starts the emulator for the tests; $1: the port, $2: a file for the pid.
// The library for Cosmos DB expects the ids of partition key ranges to be texts; this version of the emulator has numbers.
const fs = require("fs");
const Ranges = require("@vercel/cosmosdb-server/lib/account/partition-key-ranges").default;
const rid = Ranges.prototype._rid;
Ranges.prototype._rid = function (id) { return rid.call(this, Number(id)); };
const create = Ranges.prototype.create;
Ranges.prototype.create = function (range) { return create.call(this, { ...range, id: String(range.id) }); };
// An upsert within a batch looks for a partition key that a batch does not say for each operation.
const operations = require("@vercel/cosmosdb-server/lib/handler/_document-operations");
const upsert = operations.upsertOperation;
operations.upsertOperation = (collection, input) =>
  upsert(collection, { partitionKey: JSON.stringify([input.resourceBody.databaseId]), ...input });

const [port, pidFile] = process.argv.slice(2);
fs.writeFileSync(pidFile, `${process.pid}\n`);
process.on("SIGTERM", () => { fs.rmSync(pidFile, { force: true }); process.exit(0); });
const server = require("@vercel/cosmosdb-server").createHttpsServer({ keepAlive: true });
server.listen(Number(port), "127.0.0.1");
