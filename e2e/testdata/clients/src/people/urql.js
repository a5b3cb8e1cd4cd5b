// A person who works through urql.
import { Client, fetchExchange, gql } from "@urql/core";
import { cacheExchange } from "@urql/exchange-graphcache";
import { act } from "./person.js";

await act(({ url, headers }) => {
  const client = new Client({ url, exchanges: [cacheExchange({}), fetchExchange], fetchOptions: { headers } });
  const dataOf = ({ data, error }) => {
    if (error) {
      throw error;
    }
    return data;
  };
  return {
    async ask(document, variables = {}) {
      const parsed = gql(document);
      if (parsed.definitions[0].operation === "query") {
        return dataOf(await client.query(parsed, variables, { requestPolicy: "network-only" }).toPromise());
      }
      return dataOf(await client.mutation(parsed, variables).toPromise());
    },
    recall: async (document) => dataOf(await client.query(gql(document), {}, { requestPolicy: "cache-only" }).toPromise()),
  };
});
