// Asks for what is refused, by fetch, Relay, Apollo Client and urql, and prints what each tells the application of it.
import { ApolloClient, ApolloLink, CombinedGraphQLErrors, gql, HttpLink, InMemoryCache } from "@apollo/client";
import { ErrorLink } from "@apollo/client/link/error";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { commitMutation, Environment, Network } from "relay-runtime";
import { Client, fetchExchange, mapExchange } from "urql";

const { url, tokens, artifacts } = JSON.parse(readFileSync(0, "utf8"));
const require = createRequire(import.meta.url);
const graphql = ([text]) => require(`${artifacts}/${/mutation (\w+)/.exec(text)[1]}.graphql.js`);

const headers = { "Content-Type": "application/json" };
let told = [];
const signIn = () => told.push("sign in");
const reload = () => told.push("reload");
const later = (seconds) => told.push(`in ${seconds} s`);
const show = (message, field) => told.push(`at ${field}`);

function handle({ message, extensions: { code, field, retryAfter } }) {
  if (code === "UNAUTHENTICATED") return signIn();
  if (code === "CONFLICT" && !field) return reload();
  if (retryAfter) return later(retryAfter);
  show(message, field);
}

async function ask(query, variables) {
  const response = await fetch(url, { method: "POST", headers, body: JSON.stringify({ query, variables }) });
  const answer = await response.json();
  answer.errors?.forEach(handle);
  return answer;
}

const create = graphql`
  mutation errorsMutation($input: CreateProjectInput!) {
    createProject(input: $input) {
      project {
        id
      }
    }
  }
`;
const text = create.params.text;

function byRelay(variables) {
  const environment = new Environment({ network: Network.create(({ text }, variables) => ask(text, variables)) });
  return new Promise((resolve) => commitMutation(environment, { mutation: create, variables, onCompleted: resolve, onError: resolve }));
}

function byApollo(variables) {
  const errors = new ErrorLink(({ error }) => {
    if (CombinedGraphQLErrors.is(error)) error.errors.forEach(handle);
  });
  const client = new ApolloClient({
    cache: new InMemoryCache(),
    link: ApolloLink.from([errors, new HttpLink({ uri: url, headers })]),
  });
  return client.mutate({ mutation: gql(text), variables, errorPolicy: "all" });
}

function byUrql(variables) {
  const errors = mapExchange({ onError: (error) => error.graphQLErrors.forEach(handle) });
  const client = new Client({ url, fetchOptions: { headers }, exchanges: [errors, fetchExchange] });
  return client.mutation(text, variables).toPromise();
}

const found = {};
for (const [name, by] of Object.entries({ fetch: (variables) => ask(text, variables), relay: byRelay, apollo: byApollo, urql: byUrql })) {
  told = [];
  for (const token of tokens) {
    headers.Authorization = `Bearer ${token}`;
    await by({ input: { name: "Loom", organizationId: "nowhere" } });
  }
  found[name] = told;
}
console.log(JSON.stringify(found));
