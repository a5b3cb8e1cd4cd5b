// A person who works through Relay.
import { createRequire } from "node:module";
import { commitMutation, createOperationDescriptor, Environment, fetchQuery, Network } from "relay-runtime";
import { name } from "./documents.js";
import { act } from "./person.js";

const require = createRequire(import.meta.url);

await act(({ url, headers, artifacts }) => {
  const environment = new Environment({
    network: Network.create(async ({ text }, variables) => {
      const response = await fetch(url, { method: "POST", headers, body: JSON.stringify({ query: text, variables }) });
      return response.json();
    }),
  });
  const compiled = (document) => require(`${artifacts}/${name(document)}.graphql.js`);
  return {
    ask(document, variables = {}) {
      const request = compiled(document);
      if (request.params.operationKind === "query") {
        return fetchQuery(environment, request, variables, { networkCacheConfig: { force: true } }).toPromise();
      }
      return new Promise((resolve, reject) =>
        commitMutation(environment, {
          mutation: request,
          variables,
          onCompleted: (data, errors) => (errors ? reject(new Error(errors[0].message)) : resolve(data)),
          onError: reject,
        }),
      );
    },
    recall: (document) => environment.lookup(createOperationDescriptor(compiled(document), {}).fragment).data,
  };
});
