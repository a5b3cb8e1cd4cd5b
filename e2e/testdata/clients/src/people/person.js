// A person: each line of standard input names a document, and has its variables; each line of standard output is what
// the client gives for it. The first line of input says where the server is, and who asks.
import { createInterface } from "node:readline";
import * as documents from "./documents.js";

/**
 * act makes a client by make({ url, headers, artifacts }), which returns
 *   ask(document, variables)   the data of an operation, as the client has it once the server has answered
 *   recall(document)           the data of a query, as the client's cache alone has it
 * and carries out one line after the other. What ask throws is an error that the client tells of.
 */
export async function act(make) {
  let client;
  for await (const line of createInterface({ input: process.stdin })) {
    const said = JSON.parse(line);
    if (!client) {
      const headers = { "Content-Type": "application/json", Authorization: `Bearer ${said.token}` };
      client = make({ url: said.url, headers, artifacts: said.artifacts });
      continue;
    }
    const document = documents[said.document];
    let answer;
    try {
      answer = { data: said.isRecalled ? await client.recall(document) : await client.ask(document, said.variables) };
    } catch (error) {
      answer = { error: error.message };
    }
    console.log(JSON.stringify(answer));
  }
  process.exit(); // Relay has timers that go on for minutes
}
