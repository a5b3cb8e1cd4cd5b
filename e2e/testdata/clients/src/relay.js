// Pages through the lists with Relay.
import { createRequire } from "node:module";
import { createElement, Suspense, useEffect, useState } from "react";
import { RelayEnvironmentProvider, useLazyLoadQuery, usePaginationFragment } from "react-relay";
import { Environment, Network } from "relay-runtime";
import { artifacts, countedFetch, headers, lists, project, read, show, url } from "./screen.js";

// graphql gives the artifact of a document, as Relay's plugin for Babel has it.
const require = createRequire(import.meta.url);
const graphql = ([text]) => require(`${artifacts}/${/(?:fragment|query) (\w+)/.exec(text)[1]}.graphql.js`);

const query = graphql`
  query relayQuery(
    $project: ID!
    $filter: IssueFilter
    $orderBy: ProjectIssuesOrder
    $sortDirection: SortDirection
    $first: Int
    $last: Int
  ) {
    node(id: $project) {
      ...relay_project
        @alias(as: "project")
        @arguments(filter: $filter, orderBy: $orderBy, sortDirection: $sortDirection, first: $first, last: $last)
    }
  }
`;

const fragment = graphql`
  fragment relay_project on Project
  @refetchable(queryName: "relayPageQuery")
  @argumentDefinitions(
    filter: { type: "IssueFilter" }
    orderBy: { type: "ProjectIssuesOrder" }
    sortDirection: { type: "SortDirection" }
    first: { type: "Int" }
    after: { type: "String" }
    last: { type: "Int" }
    before: { type: "String" }
  ) {
    issues(
      filter: $filter
      orderBy: $orderBy
      sortDirection: $sortDirection
      first: $first
      after: $after
      last: $last
      before: $before
    ) @connection(key: "relay_issues", filters: ["filter", "orderBy", "sortDirection"]) {
      totalCount
      edges {
        node {
          id
          title
        }
      }
    }
  }
`;

function Issues({ of }) {
  const [list, setList] = useState(lists[0]);
  const { data, hasNext, hasPrevious, isLoadingNext, isLoadingPrevious, loadNext, loadPrevious, refetch } =
    usePaginationFragment(fragment, of);
  useEffect(() =>
    show({
      issues: data.issues.edges.map((edge) => edge.node),
      totalCount: data.issues.totalCount,
      hasMore: list.isBackwards ? hasPrevious : hasNext,
      isLoading: isLoadingNext || isLoadingPrevious,
      loadMore: () => (list.isBackwards ? loadPrevious(10) : loadNext(10)),
      change(list) {
        setList(list);
        const { filter, orderBy, sortDirection, first, last } = list.variables;
        refetch({ filter, orderBy, sortDirection, first, last });
      },
    }),
  );
  return null;
}

function Project() {
  const { node } = useLazyLoadQuery(query, { project, ...lists[0].variables });
  return createElement(Issues, { of: node.project });
}

const environment = new Environment({
  network: Network.create(async ({ text }, variables) => {
    const response = await countedFetch(url, { method: "POST", headers, body: JSON.stringify({ query: text, variables }) });
    return response.json();
  }),
});

await read(() =>
  createElement(RelayEnvironmentProvider, { environment }, createElement(Suspense, { fallback: null }, createElement(Project))),
);
