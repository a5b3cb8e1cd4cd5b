// A person who works through Apollo Client.
import { ApolloClient, gql, HttpLink, InMemoryCache } from "@apollo/client";
import { act } from "./person.js";

await act(({ url, headers }) => {
  const client = new ApolloClient({ cache: new InMemoryCache(), link: new HttpLink({ uri: url, headers }) });
  return {
    async ask(document, variables) {
      const parsed = gql(document);
      if (parsed.definitions[0].operation === "query") {
        return (await client.query({ query: parsed, variables, fetchPolicy: "network-only" })).data;
      }
      return (await client.mutate({ mutation: parsed, variables })).data;
    },
    recall: (document) => client.readQuery({ query: gql(document) }),
  };
});
