// Reads a schema with GraphQL's reference implementation, and prints what that finds
// wrong with it: node validate.mjs SCHEMA
import { readFileSync } from "node:fs";
import { buildSchema, validateSchema } from "graphql";

const problems = validateSchema(buildSchema(readFileSync(process.argv[2], "utf8")));
for (const problem of problems) {
  console.error(String(problem));
}
process.exitCode = problems.length > 0 ? 1 : 0;
