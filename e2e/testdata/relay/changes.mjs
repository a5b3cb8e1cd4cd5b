// Reads pairs of schemas as JSON from stdin, [[OLD, NEW], …], and prints what is breaking and dangerous between them as
// GraphQL's reference implementation has it.
import { readFileSync } from "node:fs";
import { buildSchema, findBreakingChanges, findDangerousChanges } from "graphql";

const judged = JSON.parse(readFileSync(0, "utf8")).map((pair) => {
  const [older, newer] = pair.map((text) => buildSchema(text, { assumeValid: true }));
  return { breaking: findBreakingChanges(older, newer), dangerous: findDangerousChanges(older, newer) };
});
console.log(JSON.stringify(judged));
